#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "exporter/config/section.h"
#include "exporter/config/web_config.h"

namespace acronis::exporter {

/// Reads and checks `tls_server_config`. Empty when it says nothing about a certificate, a client
/// CA or clients: then there is no TLS.
///
/// Relative paths start at `folder`. Every file that is named is added to `files`. What is wrong
/// becomes a finding of `section`; the value is of use only when there is none.
std::optional<TlsOptions> ReadTlsOptions(Section section, const std::filesystem::path& folder,
                                         std::vector<std::filesystem::path>& files);

}  // namespace acronis::exporter
