// SPDX-License-Identifier: Apache-2.0
// A failure's parts in bubblewrap's sentences; see messages.h.
#include "bwrap/messages.h"

#include <cerrno>
#include <cstring>
#include <string_view>
#include <variant>

#include "base/text.h"

namespace kelp::bwrap {
namespace {

// Of errno in English, as the sentences have it; where it did not come from the kernel, kelp's own words.
std::string reason_of(const Error& error) {
  const char* text = error.code() != 0 ? strerrordesc_np(error.code()) : nullptr;
  return text != nullptr ? text : error.reason();
}

std::string with_reason(std::string_view sentence, const Error& error) {
  return cat(sentence, ": ", reason_of(error));
}

std::string source_of_bind(const std::string& destination, const Spec& spec) {
  for (const Mount& mount : spec.mounts) {
    const auto* bind = std::get_if<Bind>(&mount.what);
    if (bind != nullptr && bind->to == destination)
      return bind->from_fd < 0 ? bind->from : cat("/proc/self/fd/", bind->from_fd);
  }
  return "source";
}

std::string octal(std::uint32_t mode) {
  std::string out;
  for (; mode != 0; mode /= 8) out.insert(out.begin(), static_cast<char>('0' + mode % 8));
  return "0" + out;
}

std::string of_mode(const Error& error, const Spec& spec) {
  if (error.code() == ENOENT || error.code() == ENOTDIR)
    return with_reason(cat("Can't open ", error.object()), error);
  std::uint32_t mode = 0;
  for (const Mount& mount : spec.mounts) {
    const auto* chmod = std::get_if<Chmod>(&mount.what);
    if (chmod != nullptr && chmod->path == error.object()) mode = chmod->mode;
  }
  return with_reason(cat("Can't chmod ", octal(mode), " ", error.object()), error);
}

std::string of_mount(const Error& error) {
  constexpr std::string_view kOverlay = "overlay on ";
  if (!error.object().starts_with(kOverlay)) return with_reason(cat("Can't mount ", error.object()), error);
  const std::string start = cat("Can't make overlay mount on ", error.object().substr(kOverlay.size()));
  return error.code() == ELOOP ? cat(start, ": Overlay directories may not overlap")
                               : with_reason(start, error);
}

std::string of_ids(const Error& error) {
  if (error.object() != "join") return with_reason("setting up uid map", error);
  if (error.code() != EINVAL) return with_reason("Joining specified user namespace failed", error);
  return "Joining the specified user namespace failed, it might not be a descendant of the current user "
         "namespace.";
}

std::string of_namespaces(const Error& error) {
  if (error.object() == "pid") return with_reason("Setting pidns failed", error);
  switch (error.code()) {
    case EINVAL:
      return "Creating new namespace failed, likely because the kernel does not support user namespaces.";
    case EPERM:
      return "No permissions to create a new namespace, likely because the kernel does not allow "
             "non-privileged user namespaces.";
    case ENOSPC:
      return "Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded "
             "(ENOSPC)";
    default: return with_reason("Creating new namespace failed", error);
  }
}

std::string of_lock(const Error& error) {
  const bool is_open = error.action().starts_with("open ");
  return with_reason(cat(is_open ? "Unable to open lock file " : "Unable to lock file ", error.object()),
                     error);
}

std::string of_inner(const Error& error) {
  if (error.code() == 0) return "creation of new user namespaces was not disabled as requested";
  return with_reason("Setting userns2 failed", error);
}

std::string members(int pid, const NamespaceIds& ids, std::string_view between) {
  std::string out = cat("\"child-pid\": ", pid);
  for (const auto& [name, id] : ids) out += cat(",", between, "\"", name, "-namespace\": ", id);
  return out;
}

}  // namespace

std::string sentence(const Error& error, const Spec& spec) {
  const std::string& object = error.object();
  switch (error.part()) {
    case FailedPart::kOther: return error.sentence();
    case FailedPart::kUsage: return error.action();
    case FailedPart::kSource: return with_reason(cat("Can't find source path ", object), error);
    case FailedPart::kParents: return with_reason(cat("Can't mkdir parents for ", object), error);
    case FailedPart::kDirectory:
      if (error.code() == ENOTDIR) return cat("Destination is not a directory ", object);
      return with_reason(cat("Can't create file ", object), error);
    case FailedPart::kFile:
      if (error.code() == EISDIR) return cat("Destination is not a file ", object);
      return with_reason(cat("Can't create file ", object), error);
    case FailedPart::kContent: return with_reason(cat("Can't write data to file ", object), error);
    case FailedPart::kLink:
      if (error.code() == EEXIST) return cat("Can't make symlink at ", object, ": ", error.reason());
      return with_reason(cat("Can't make symlink at ", object), error);
    case FailedPart::kMode: return of_mode(error, spec);
    case FailedPart::kBind:
      return with_reason(cat("Can't bind mount ", source_of_bind(object, spec), " on ", object), error);
    case FailedPart::kMount: return of_mount(error);
    case FailedPart::kSeal:
      if (error.code() == ENOENT) return with_reason(cat("Can't create file ", object), error);
      if (error.code() == EINVAL)
        return cat("Can't remount readonly on ", object, ": Unable to find \"", object, "\" in mount table");
      return with_reason(cat("Can't remount readonly on ", object), error);
    case FailedPart::kLock: return of_lock(error);
    case FailedPart::kPropagation: return with_reason("Failed to make / slave", error);
    case FailedPart::kNamespaces: return of_namespaces(error);
    case FailedPart::kInnerNamespaces: return of_inner(error);
    case FailedPart::kIds: return of_ids(error);
    case FailedPart::kEnter: return with_reason(cat("Can't chdir to ", object), error);
    case FailedPart::kExecute:
      // As the kernel has it; that it is a directory is the better reason.
      if (error.code() == EISDIR) return cat("execvp ", object, ": Permission denied");
      return with_reason(cat("execvp ", object), error);
  }
  return error.sentence();
}

std::string better_reason(const Error& error) {
  if (!error.hint().empty()) return error.hint();
  const FailedPart part = error.part();
  if (error.code() == 0 || part == FailedPart::kOther || part == FailedPart::kUsage ||
      part == FailedPart::kSeal)
    return {};
  // The sentence has it already.
  if (part == FailedPart::kLink && error.code() == EEXIST) return {};
  if (part == FailedPart::kDirectory && error.code() == ENOTDIR) return {};
  if (part == FailedPart::kFile && error.code() == EISDIR) return {};
  // That a name is in no directory of PATH goes without saying.
  if (part == FailedPart::kExecute && error.object().find('/') == std::string::npos) return {};
  return error.reason() == reason_of(error) ? std::string() : error.reason();
}

std::string birth_document(int pid, const NamespaceIds& ids) {
  return cat("{\n    ", members(pid, ids, "\n    "), "\n}\n");
}

std::string birth_line(int pid, const NamespaceIds& ids) { return cat("{ ", members(pid, ids, " "), " }\n"); }

std::string end_line(int status) { return cat("{ \"exit-code\": ", status, " }\n"); }

}  // namespace kelp::bwrap
