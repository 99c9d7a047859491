#include "exporter/exposition/gzip_member.h"

#include <cstdint>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/exporter/exposition/generated_snapshot.h"
#include "tests/exporter/exposition/gunzip.h"

namespace acronis::exporter {
namespace {

std::string Member(const std::vector<PackedPart>& parts) {
  GzipMember member;
  std::string bytes = GzipMember::Header();
  for (const PackedPart& part : parts) {
    member.Add(part.sum);
    bytes += part.deflated;
  }
  return bytes + member.Trailer();
}

TEST(GzipMember, MayBeEmpty) {
  EXPECT_EQ(Gunzip(Member({})), "");
  EXPECT_EQ(Gunzip(Member({Pack(""), Pack("")})), "");
}

TEST(GzipMember, UsesAPartAgain) {
  const PackedPart part = Pack("queue ");
  EXPECT_EQ(Gunzip(Member({part, Pack("a "), part, part})), "queue a queue queue ");
}

TEST(GzipMember, HoldsPartsOfManyMegabytes) {
  std::string text;
  for (std::uint64_t i = 0; i < 400'000; ++i) {
    text += "acronis_tasks_completed_total " + std::to_string(i * 7919) + "\n";
  }
  EXPECT_EQ(Gunzip(Member({Pack("before\n"), Pack(text), Pack("behind\n")})),
            "before\n" + text + "behind\n");
}

TEST(GzipMember, UnpacksToItsParts) {
  const std::uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::string plain;
    std::vector<PackedPart> parts;
    Packer packer;
    for (std::size_t i = random() % 6; i-- > 0;) {
      std::string text = HostileText(random, std::size_t{1} << (random() % 15));
      plain += text;
      parts.push_back(packer.Pack(text));
      ASSERT_EQ(Gunzip(Member({parts.back()})), text) << "it looks back";
    }
    ASSERT_EQ(Gunzip(Member(parts)), plain);
  }
}

}  // namespace
}  // namespace acronis::exporter
