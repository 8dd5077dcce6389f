// SPDX-License-Identifier: Apache-2.0
// Options that act on the file system; see actions.h.
#include "bwrap/actions.h"

#include <utility>

#include "base/text.h"

namespace kelp::bwrap {
namespace {

constexpr std::uint32_t kMaxMode = 07777;
constexpr std::uint32_t kGroup = 0070;
constexpr std::uint32_t kOthers = 0007;

std::optional<std::uint32_t> read_mode(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint32_t mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
    if (mode > kMaxMode) return std::nullopt;
  }
  return mode;
}

std::string origin_of(const Draft& draft, Values values) {
  std::string out = draft.option;
  for (const std::string& value : values) out += cat(" ", value);
  return out;
}

Status add_overlay(Draft& draft, Values values, OverlayMount overlay, std::size_t least) {
  if (draft.layers.size() < least) {
    return refusal(cat(draft.option, " requires at least ", least == 1 ? "one" : "two", " --overlay-src"));
  }
  overlay.lowers = std::exchange(draft.layers, {});
  draft.add(std::move(overlay), origin_of(draft, values));
  return {};
}

}  // namespace

// Whoever may not enter what is made may not enter the way to it either.
void Draft::add(MountKind what, std::string origin) {
  std::uint32_t parents = 0755;
  if (mode && (*mode & kGroup) == 0) parents &= ~kGroup;
  if (mode && (*mode & kOthers) == 0) parents &= ~kOthers;
  spec().mounts.push_back(
      {.what = std::move(what), .parents = parents, .origin = Origin{.text = std::move(origin)}});
}

std::string inside(std::string_view path) {
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") parts.push_back(part);
    if (part == ".." && !parts.empty()) parts.pop_back();
  }
  std::string out;
  for (const std::string_view part : parts) out += cat("/", part);
  return out.empty() ? "/" : out;
}

Result<int> descriptor(Draft& draft, const std::string& text) {
  const auto fd = read_decimal(text, INT32_MAX);
  if (!fd) return refusal(cat("Invalid fd: ", text));
  draft.consume(static_cast<int>(*fd));
  return static_cast<int>(*fd);
}

Status permissions(Draft& draft, Values values) {
  if (draft.mode) return refusal("--perms given twice for the same action");
  draft.mode = read_mode(values[0]);
  if (!draft.mode) return refusal("--perms takes an octal argument <= 07777");
  return {};
}

Status size(Draft& draft, Values values) {
  if (draft.bytes) return refusal("--size given twice for the same action");
  const auto bytes = read_decimal(values[0], UINT64_MAX);
  if (!bytes || *bytes == 0) return refusal("--size takes a non-zero number of bytes");
  if (*bytes > INT64_MAX) return refusal(cat("--size (for tmpfs) is limited to ", INT64_MAX));
  draft.bytes = bytes;
  return {};
}

Status overlay_source(Draft& draft, Values values) {
  draft.layers.push_back(values[0]);
  return {};
}

Status bind(Draft& draft, Values values) {
  const std::string& option = draft.option;
  draft.add(Bind{.from = values[0],
                 .to = inside(values[1]),
                 .writable = !option.starts_with("--ro-"),
                 .devices = option.starts_with("--dev-"),
                 .optional = option.ends_with("-try")},
            origin_of(draft, values));
  return {};
}

Status bind_descriptor(Draft& draft, Values values) {
  const Result<int> fd = descriptor(draft, values[0]);
  if (!fd) return fd.error();
  draft.add(Bind{.from = {},
                 .to = inside(values[1]),
                 .writable = !draft.option.starts_with("--ro-"),
                 .from_fd = *fd},
            origin_of(draft, values));
  return {};
}

Status remount_read_only(Draft& draft, Values values) {
  draft.add(Seal{.path = inside(values[0])}, origin_of(draft, values));
  return {};
}

Status overlay(Draft& draft, Values values) {
  return add_overlay(
      draft, values,
      {.to = inside(values[2]), .writes = OverlayMount::Writes::kKept, .upper = values[0], .work = values[1]},
      1);
}

Status discarded_overlay(Draft& draft, Values values) {
  return add_overlay(draft, values, {.to = inside(values[0]), .writes = OverlayMount::Writes::kDiscarded}, 1);
}

Status read_only_overlay(Draft& draft, Values values) {
  return add_overlay(draft, values, {.to = inside(values[0]), .writes = OverlayMount::Writes::kRefused}, 2);
}

Status proc(Draft& draft, Values values) {
  draft.add(Proc{.to = inside(values[0])}, origin_of(draft, values));
  return {};
}

Status devices(Draft& draft, Values values) {
  const std::string dev = inside(values[0]);
  const std::string origin = origin_of(draft, values);
  draft.add(Devices{.to = dev, .has_own_shm = false, .has_mqueue = false}, origin);
  draft.add(Symlink{.target = "/proc/kcore", .to = cat(dev, "/core")}, origin);
  // stdout is a terminal that the sandbox has already: what asks for a console gets that.
  if (!draft.around.terminal.empty()) {
    draft.add(Bind{.from = draft.around.terminal, .to = cat(dev, "/console"), .devices = true}, origin);
  }
  return {};
}

Status tmpfs(Draft& draft, Values values) {
  Tmpfs tmpfs{.to = inside(values[0]),
              .bytes = std::exchange(draft.bytes, std::nullopt).value_or(kKernelsSize)};
  tmpfs.mode = draft.mode.value_or(0755);
  draft.add(std::move(tmpfs), origin_of(draft, values));
  draft.mode.reset();
  return {};
}

Status mqueue(Draft& draft, Values values) {
  draft.add(Mqueue{.to = inside(values[0])}, origin_of(draft, values));
  return {};
}

Status make_directory(Draft& draft, Values values) {
  draft.add(Directory{.to = inside(values[0]), .mode = draft.mode.value_or(0755)}, origin_of(draft, values));
  draft.mode.reset();
  return {};
}

Status write_file(Draft& draft, Values values) {
  const Result<int> fd = descriptor(draft, values[0]);
  if (!fd) return fd.error();
  draft.add(WrittenFile{.to = inside(values[1]), .fd = *fd, .mode = draft.mode.value_or(0666)},
            origin_of(draft, values));
  draft.mode.reset();
  return {};
}

Status bind_data(Draft& draft, Values values) {
  const Result<int> fd = descriptor(draft, values[0]);
  if (!fd) return fd.error();
  draft.add(DataFile{.to = inside(values[1]),
                     .fd = *fd,
                     .mode = draft.mode.value_or(0600),
                     .writable = !draft.option.starts_with("--ro-"),
                     .executable = true},
            origin_of(draft, values));
  draft.mode.reset();
  return {};
}

Status symlink(Draft& draft, Values values) {
  draft.add(Symlink{.target = values[0], .to = inside(values[1])}, origin_of(draft, values));
  return {};
}

Status change_mode(Draft& draft, Values values) {
  const std::optional<std::uint32_t> mode = read_mode(values[0]);
  if (!mode) return refusal("--chmod takes an octal argument <= 07777");
  draft.add(Chmod{.path = inside(values[1]), .mode = *mode}, origin_of(draft, values));
  return {};
}

}  // namespace kelp::bwrap
