#pragma once

#include <cstdint>
#include <string>

/// How numbers are spelled, the same in every format.
namespace acronis::metrics {

/// Appends `value` with the fewest digits that read back as the same double.
/// Integers up to 2^53 have no exponent; `+Inf`, `-Inf`, `NaN`.
void AppendNumber(std::string& out, double value);
void AppendNumber(std::string& out, std::uint64_t value);
/// Appends a bucket bound in the one spelling every server agrees on: `5.0`, `0.25`, `1e+06`.
void AppendBound(std::string& out, double bound);

}  // namespace acronis::metrics
