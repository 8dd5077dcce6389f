// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about fences do.
#include "base/text.h"
#include "cli/draft.h"

namespace kelp::cli {
namespace {

constexpr std::uint64_t kMaxAbi = 1000;

// "landlock:6" → 6; nothing where there is something else behind the colon.
std::optional<int> read_abi(std::string_view text) {
  const auto abi = read_decimal(text, kMaxAbi);
  if (!abi || *abi == 0) return std::nullopt;
  return static_cast<int>(*abi);
}

// The flags that ask for a fence which is not there by default.
std::string_view asking_flags(Fence fence) {
  if (fence == Fence::kNetwork) return "--network=none";
  if (fence == Fence::kTime) return "--unshare=time or --time-offset";
  if (fence == Fence::kLandlock) return "--landlock=files";
  if (fence == Fence::kLimits) return "--memory, --cpus or --pids-limit";
  return {};
}

}  // namespace

Status apply_require(Draft& draft, const Given& given) {
  for (const std::string_view word : split(*given.value, ',')) {
    const std::size_t colon = word.find(':');
    const std::string_view name = word.substr(0, colon);
    const auto fence = read_fence(name);
    if (!fence) {
      return Error(cat("read ", given.typed),
                   cat("'", name, "' is no fence that can be required (", fence_names(), ")"));
    }
    Requirement requirement{
        .fence = *fence, .origin = {given.typed}, .asked_by = {std::string(asking_flags(*fence))}};
    if (colon != std::string_view::npos) {
      const auto abi = read_abi(word.substr(colon + 1));
      if (*fence != Fence::kLandlock || !abi) {
        return Error(cat("read ", given.typed),
                     *fence == Fence::kLandlock
                         ? cat("'", word.substr(colon + 1), "' is no Landlock ABI (1, 2 ...)")
                         : cat("only landlock has an ABI to require, not ", name));
      }
      requirement.landlock_abi = *abi;
    }
    draft.request.spec.required.push_back(std::move(requirement));
  }
  return {};
}

Status apply_fallback(Draft& draft, const Given& given) {
  std::optional<Fallback>& fallback = draft.request.spec.fallback;
  fallback.reset();
  if (!given.is_on) return {};
  const std::string word = given.value.value_or(std::string(rung_name(Rung::kLandlock)));
  const auto lowest = read_rung(word);
  if (!lowest) return Error(cat("read ", given.typed), cat("'", word, "' is no rung (", rung_names(), ")"));
  fallback = Fallback{.lowest = *lowest, .origin = {given.typed}};
  return {};
}

Status apply_landlock(Draft& draft, const Given& given) {
  const std::string word = given.value.value_or(given.is_on ? "files" : "none");
  if (word != "files" && word != "scopes" && word != "none") {
    return Error(cat("read ", given.typed), cat("'", word, "' is none of files, scopes, none"));
  }
  draft.landlock = {{word, given.typed}};
  return {};
}

// Port 0 lets the kernel choose one, which makes sense to listen on only.
Status apply_ports(const Given& given, std::optional<Ports>& slot, std::uint16_t least) {
  if (!slot) slot.emplace();
  slot->origin.text += cat(slot->origin.text.empty() ? "" : " ", given.typed);
  if (*given.value == "none") return {};
  for (const std::string_view word : split(*given.value, ',')) {
    const auto port = read_decimal(word, 65535);
    if (!port || *port < least) {
      return Error(cat("read ", given.typed),
                   cat("'", word, "' is no TCP port (", least, " to 65535, or none instead of all)"));
    }
    slot->allowed.push_back(static_cast<std::uint16_t>(*port));
  }
  return {};
}

// The host's abstract sockets are in its network namespace, and its processes in its pid namespace: with
// namespaces of its own a container reaches neither.
Status finish_landlock(Draft& draft) {
  Spec& spec = draft.request.spec;
  Landlock& landlock = spec.landlock;
  const std::string mode = draft.landlock ? draft.landlock->value : "scopes";
  if (draft.landlock) landlock.origin = {draft.landlock->typed};
  if (mode == "none") {
    for (const auto* ports : {&landlock.connect, &landlock.bind}) {
      if (*ports)
        return Error(cat("use ", draft.landlock->typed), cat("it contradicts ", (*ports)->origin.text));
    }
    return {};
  }
  landlock.files = mode == "files";
  landlock.scope_sockets = !spec.new_namespaces.has(Namespace::kNetwork);
  landlock.scope_signals = !spec.new_namespaces.has(Namespace::kPid);
  return {};
}

}  // namespace kelp::cli
