#pragma once

#include <string>
#include <vector>

#include "tests/property/dice.h"

namespace acronis::decoding {

/// Damages pages in the ways of broken servers, broken memory and attackers, one to four times
/// each. Borrows both for its life.
class PageMutator {
 public:
  PageMutator(const std::vector<std::string>& pages, property::Dice& dice)
      : pages_(pages), dice_(dice) {}

  std::string Next();

 private:
  void Damage(std::string& page);
  void ChangeBytes(std::string& page, int way);
  void Splice(std::string& page);
  void RepeatAKey(std::string& page);
  void EditANumber(std::string& page);
  void EditAText(std::string& page);
  std::size_t Place(const std::string& page);
  /// A place behind the next `what` from anywhere, 0 if there is none.
  std::size_t Behind(const std::string& page, const std::string& what);

  const std::vector<std::string>& pages_;
  property::Dice& dice_;
};

}  // namespace acronis::decoding
