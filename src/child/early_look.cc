// SPDX-License-Identifier: Apache-2.0
// The look for the command before the first mount point is made in a root where it would stay.
// Runs in: child.
#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"

namespace kelp::child {
namespace {

// ENOENT or ENOTDIR, or 0: what cannot be looked at may well be there, and the exec decides. A link that is
// the last component may lead to what is mounted later.
int missing(const Context& context, std::string_view path) {
  const Result<sys::UniqueFd> found = sys::resolve(context.root.get(), path, sys::LastLink::kKeep);
  if (found) return 0;
  const int code = found.error().code();
  return code == ENOENT || code == ENOTDIR ? code : 0;
}

bool holds_a_system(const Context& context) {
  static constexpr auto kParts =
      std::to_array<std::string_view>({"/usr", "/bin", "/sbin", "/lib", "/nix", "/gnu"});
  return std::any_of(kParts.begin(), kParts.end(),
                     [&](std::string_view part) { return missing(context, part) == 0; });
}

}  // namespace

Status look_for_command(Context& context) {
  const std::optional<plan::EarlyLook>& look = context.plan.early_look;
  if (!look || context.has_looked_for_command) return {};
  context.has_looked_for_command = true;
  int code = ENOENT;
  for (const std::string& place : look->places) {
    code = missing(context, place);
    if (code == 0) return {};
  }
  // The words of the exec.
  const bool is_path = look->name.find('/') != std::string::npos;
  Error error(cat(is_path ? "execute " : "find ", look->name),
              is_path ? sys::reason_of(code) : "there is no such program in the container's PATH");
  error =
      std::move(error).with_code(code).with_status(kExitNotFound).with_part(FailedPart::kExecute, look->name);
  if (holds_a_system(context)) return error;
  return std::move(error).with_hint(
      cat(look->root,
          " holds no root file system (no /usr, /bin, /sbin, /lib, /nix or /gnu); to work in a "
          "directory: kelp run --here host COMMAND"));
}

}  // namespace kelp::child
