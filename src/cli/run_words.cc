// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` with one word, number or name as their value do.
#include <array>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/ids.h"
#include "cli/mounts.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

Overlay& overlay_of(Draft& draft, const Given& given) {
  std::optional<Overlay>& overlay = draft.request.spec.root.overlay;
  if (!overlay) overlay.emplace();
  overlay->origin.text += cat(overlay->origin.text.empty() ? "" : " ", given.typed);
  return *overlay;
}

// The value as one of a few words; `store` gets its index.
template <std::size_t Count, typename Store>
Status choose(const Given& given, const std::array<std::string_view, Count>& words, Store store) {
  std::string known;
  for (std::size_t i = 0; i < Count; ++i) {
    if (words[i] == *given.value) {
      store(i);
      return {};
    }
    known += cat(i == 0 ? "" : ", ", words[i]);
  }
  return Error(cat("read ", given.typed), cat("'", *given.value, "' is none of ", known));
}

}  // namespace

Status apply_proc(Draft& draft, const Given& given) {
  const auto mode = read_proc_mode(*given.value);
  if (!mode && *given.value != "none") {
    return Error(cat("read ", given.typed),
                 cat("'", *given.value, "' is none of auto, new, pids, host, none"));
  }
  draft.proc = mode;
  return {};
}

Status apply_fake_root(Draft& draft, const Given& given) {
  using enum FakeRootMode;
  static constexpr std::array<std::string_view, 4> kWords = {"auto", "simple", "consistent", "off"};
  static constexpr std::array<FakeRootMode, 4> kModes = {kAuto, kSimple, kConsistent, kOff};
  draft.request.spec.fake_root.origin = {given.typed};
  return choose(given, kWords, [&](std::size_t i) { draft.request.spec.fake_root.mode = kModes.at(i); });
}

Status apply_tty(Draft& draft, const Given& given) {
  using enum TerminalMode;
  static constexpr std::array<std::string_view, 3> kWords = {"always", "auto", "never"};
  static constexpr std::array<TerminalMode, 3> kModes = {kAlways, kAuto, kNever};
  draft.request.spec.command.terminal = given.is_on ? kAlways : kNever;
  if (!given.value) return {};
  return choose(given, kWords, [&](std::size_t i) { draft.request.spec.command.terminal = kModes.at(i); });
}

Status apply_init(Draft& draft, const Given& given) {
  using enum Pid1;
  static constexpr std::array<std::string_view, 2> kWords = {"auto", "enterable"};
  static constexpr std::array<Pid1, 2> kKinds = {kReaper, kEnterableReaper};
  draft.pid1 = Said<Pid1>{given.is_on ? kReaper : kCommand, given.typed};
  if (!given.value) return {};
  return choose(given, kWords, [&](std::size_t i) { draft.pid1->value = kKinds.at(i); });
}

Status apply_no_init(Draft& draft, const Given& given) {
  draft.pid1 = Said<Pid1>{given.is_on ? Pid1::kCommand : Pid1::kReaper, given.typed};
  return {};
}

Status apply_report(Draft& draft, const Given& given) {
  const auto fd = read_fd(*given.value);
  if (!fd) return Error(cat("read ", given.typed), cat("'", *given.value, "' is no number of a descriptor"));
  draft.request.spec.report_fd = *fd;
  return {};
}

Status apply_umask(Draft& draft, const Given& given) {
  const auto mask = read_octal(*given.value, 0777);
  if (!mask) return Error(cat("read ", given.typed), cat("'", *given.value, "' is no mask in octal (022)"));
  draft.request.spec.command.umask = static_cast<std::uint32_t>(*mask);
  return {};
}

Status apply_userns(Draft& draft, const Given& given) {
  Result<Ids> ids = read_userns(*given.value, given.typed);
  if (!ids) return ids.error();
  draft.userns_given = true;
  draft.request.spec.ids = *std::move(ids);
  return {};
}

Status apply_user(Draft& draft, const Given& given) {
  Result<User> user = read_user(*given.value, given.typed);
  if (!user) return user.error();
  draft.user_given = true;
  draft.request.spec.command.user = *std::move(user);
  return {};
}

Status apply_overlay_src(Draft& draft, const Given& given) {
  overlay_of(draft, given).lowers.push_back(*given.value);
  return {};
}

Status apply_overlay(Draft& draft, const Given& given) {
  if (!given.is_on) {
    draft.request.spec.root.overlay.reset();
    return {};
  }
  Overlay& overlay = overlay_of(draft, given);
  if (given.value) overlay.kept = given.value;
  return {};
}

Status apply_here(Draft& draft, const Given& given) {
  draft.here.reset();
  if (given.is_on) draft.here = given.typed;
  return {};
}

// A word that must not be empty: an empty one would mean "nothing asked for" further on.
Status apply_name(const Given& given, std::string& slot) {
  if (given.value->empty()) return Error(cat("read ", given.typed), "the value is empty");
  slot = *given.value;
  return {};
}

Status apply_auto(const Given& given, std::optional<bool>& slot) {
  return choose(given, std::to_array<std::string_view>({"none", "auto"}),
                [&](std::size_t i) { slot = i != 0; });
}

Status apply_propagation(Draft& draft, const Given& given) {
  using enum MountPropagation;
  static constexpr std::array<MountPropagation, 3> kKinds = {kPrivate, kSlave, kShared};
  return choose(given, std::to_array<std::string_view>({"private", "slave", "shared"}),
                [&](std::size_t i) { draft.request.spec.propagation = kKinds.at(i); });
}

Status apply_log_format(Draft& draft, const Given& given) {
  static constexpr std::array<LogFormat, 2> kFormats = {LogFormat::kText, LogFormat::kJson};
  return choose(given, std::to_array<std::string_view>({"text", "json"}),
                [&](std::size_t i) { draft.request.log_format = kFormats.at(i); });
}

}  // namespace kelp::cli
