#pragma once

#include <string>

namespace acronis::exporter {

/// `0.1.0`.
std::string Version();
/// The commit it was built from; `unknown` outside of a checkout.
std::string Revision();
/// `g++ 12.2.0`.
std::string Compiler();
/// What the program calls itself towards servers: `acronis_task_exporter/0.1.0`.
std::string UserAgent();
/// The text of `--version`: all of the above and the libraries, one a line.
std::string VersionText();

}  // namespace acronis::exporter
