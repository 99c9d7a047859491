#include "exporter/commands/state_file.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/fakes/temporary_folder.h"

namespace acronis::exporter {
namespace {

class StateFileTest : public ::testing::Test {
 protected:
  std::filesystem::path Folder() const { return folder_.Path() / "above" / "state"; }
  std::string Refusal(const std::filesystem::path& folder) const {
    const auto file = StateFile::Open(folder, "a");
    return file ? "" : file.error().message;
  }

  test::TemporaryFolder folder_;
};

TEST_F(StateFileTest, GivesBackWhatWasLeft) {
  {
    const auto file = StateFile::Open(Folder(), "a");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(*file->Read(), "");
    ASSERT_TRUE(file->Replace("first"));
    ASSERT_TRUE(file->Replace("second"));
  }
  const auto file = StateFile::Open(Folder(), "a");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(*file->Read(), "second");
  EXPECT_EQ(*StateFile::Open(Folder(), "b")->Read(), "");
}

TEST_F(StateFileTest, IsForItsOwnerAlone) {
  ASSERT_TRUE(StateFile::Open(Folder(), "a")->Replace("text"));
  struct stat status {};
  ASSERT_EQ(stat(Folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(stat((Folder() / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(StateFileTest, ReplacesWhatAKilledOneLeftUnfinished) {
  const auto file = StateFile::Open(Folder(), "a");
  std::ofstream(Folder() / "a.new") << "half";
  ASSERT_TRUE(file->Replace("whole"));
  EXPECT_EQ(*file->Read(), "whole");
}

TEST_F(StateFileTest, WaitsForTheOneThatHasIt) {
  auto first = std::make_unique<StateFile>(std::move(*StateFile::Open(Folder(), "a")));
  auto second =
      std::async(std::launch::async, [this] { return *StateFile::Open(Folder(), "a")->Read(); });
  ASSERT_TRUE(first->Replace("from the first"));
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  first.reset();
  EXPECT_EQ(second.get(), "from the first");
}

TEST_F(StateFileTest, DoesNotFollowASymbolicLink) {
  std::filesystem::create_directories(folder_.Path() / "real");
  std::filesystem::create_symlink("real", folder_.Path() / "link");
  EXPECT_EQ(
      Refusal(folder_.Path() / "link"),
      (folder_.Path() / "link").string() + ": is not a folder; a symbolic link is not followed");
  ASSERT_TRUE(StateFile::Open(Folder(), "a"));
  std::filesystem::create_symlink("/etc/passwd", Folder() / "b");
  EXPECT_FALSE(StateFile::Open(Folder(), "b")->Read());
}

TEST_F(StateFileTest, RefusesAFolderThatOthersCanWrite) {
  std::filesystem::create_directories(Folder());
  ASSERT_EQ(chmod(Folder().c_str(), 0770), 0);
  EXPECT_EQ(Refusal(Folder()), Folder().string() +
                                   ": must belong to this user, and nobody else may write it; "
                                   "--state-dir names another place");
}

TEST_F(StateFileTest, NamesAFolderThatCannotBeMade) {
  std::ofstream(folder_.Path() / "file") << "";
  EXPECT_NE(Refusal(folder_.Path() / "file" / "state").find("Not a directory; --state-dir"),
            std::string::npos);
}

}  // namespace
}  // namespace acronis::exporter
