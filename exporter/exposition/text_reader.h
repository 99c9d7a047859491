#pragma once

#include <string_view>

#include "plugin/core/result.h"
#include "plugin/metrics/sample.h"

namespace acronis::exporter {

/// Reads a whole page of text format 0.0.4 as TextWriter writes it, its families and samples in
/// the order of the page. HELP texts are not kept.
///
/// Strict, because a page misread is a wrong number: a `# TYPE` in front of every family, no other
/// type than counter, gauge and histogram, no timestamps, no line cut short. The error
/// (kInvalidResponse) names the line and never quotes it: the text may be anybody's.
Result<metrics::Families> ReadTextPage(std::string_view page);

}  // namespace acronis::exporter
