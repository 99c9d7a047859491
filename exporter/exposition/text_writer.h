#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/exposition/writer.h"

namespace acronis::exporter {

/// Appends `value` with the fewest digits that read back as the same double.
/// Integers up to 2^53 have no exponent; `+Inf`, `-Inf`, `NaN`.
void AppendNumber(std::string& out, double value);
/// Appends a bucket bound in the one spelling every server agrees on: `5.0`, `0.25`, `1e+06`.
void AppendBound(std::string& out, double bound);
/// Appends a label value: `\`, `"` and line feeds escaped.
void AppendLabelValue(std::string& out, std::string_view value);
/// Appends a HELP text: `\` and line feeds escaped.
void AppendHelp(std::string& out, std::string_view help);

/// The Prometheus text format 0.0.4.
class TextWriter final : public FamilyWriter {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  void Begin(const FamilyInfo& family) override;
  void Sample(LabelSpan labels, double value) override;
  void Sample(LabelSpan labels, std::uint64_t value) override;
  void Sample(LabelSpan labels, const Distribution& distribution) override;
  std::uint64_t Samples() const override { return samples_; }
  PagePart Finish() override;

 private:
  void OpenFamily();
  /// `name_suffix{labels} `; returns with the cursor where the value goes.
  void StartLine(std::string_view suffix, LabelSpan labels);
  void EndLine();
  void Bucket(LabelSpan labels, std::string_view bound, std::uint64_t count);

  PagePart part_;
  FamilyInfo family_{};
  bool open_ = false;  ///< The family's header is written.
  std::uint64_t samples_ = 0;
};

}  // namespace acronis::exporter
