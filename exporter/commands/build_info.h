#pragma once

/// What only the build knows. The libraries that tell their version at run time are not in it.
namespace acronis::exporter::build_info {

extern const char* const kVersion;
extern const char* const kRevision;
extern const char* const kSimdjson;
extern const char* const kSqlite;
extern const char* const kPrometheus;
extern const char* const kYaml;
extern const char* const kCli11;

}  // namespace acronis::exporter::build_info
