#pragma once

#include <string>

namespace acronis::exporter {

/// A page on which everything that this program can show is shown.
std::string PopulatedPage();

}  // namespace acronis::exporter
