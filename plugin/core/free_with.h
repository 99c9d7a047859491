#pragma once

namespace acronis {

/// For std::unique_ptr: frees what a C library made by the function that is meant for it.
template <auto kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

}  // namespace acronis
