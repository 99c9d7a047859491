#include "plugin/ledger/sqlite/file_system.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <sys/vfs.h>
#include <system_error>

namespace acronis::ledger::sqlite {
namespace {

struct Known {
  std::uint64_t magic;
  std::string_view name;
};

/// From statfs(2) and the kernel's linux/magic.h.
constexpr std::array kNetwork = {
    Known{0x6969, "NFS"},        Known{0x517B, "SMB"},      Known{0xFF534D42, "CIFS"},
    Known{0xFE534D42, "SMB2"},   Known{0x00C36400, "Ceph"}, Known{0x5346414F, "AFS"},
    Known{0x6B414653, "AFS"},    Known{0x73757245, "Coda"}, Known{0x564C, "NCP"},
    Known{0x0BD00BD0, "Lustre"}, Known{0x01021997, "9P"},   Known{0x7461636F, "OCFS2"},
    Known{0x01161970, "GFS2"},   Known{0x47504653, "GPFS"}, Known{0x19830326, "FhGFS"},
};

}  // namespace

std::string_view NetworkFileSystem(std::uint64_t magic) {
  const auto* const found = std::find_if(kNetwork.begin(), kNetwork.end(),
                                         [magic](const Known& k) { return k.magic == magic; });
  return found == kNetwork.end() ? std::string_view() : found->name;
}

Status CheckFileSystem(const std::filesystem::path& folder) {
  struct statfs answer {};
  if (statfs(folder.c_str(), &answer) != 0) {
    return Error{ErrorKind::kStore, "cannot look at the file system of " + folder.string() + ": " +
                                        std::generic_category().message(errno)};
  }
  // The kernel's numbers have 32 bits; some machines' statfs has a signed field for them.
  const auto magic = static_cast<std::uint64_t>(answer.f_type) & 0xFFFFFFFFU;
  if (const std::string_view name = NetworkFileSystem(magic); !name.empty()) {
    return Error{ErrorKind::kStore,
                 folder.string() + " is on a network file system (" + std::string(name) +
                     "), which neither keeps a second machine out nor says truly when a write is "
                     "on the disk; store.path must be on a local disk"};
  }
  return Ok{};
}

}  // namespace acronis::ledger::sqlite
