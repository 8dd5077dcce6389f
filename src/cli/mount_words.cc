// SPDX-License-Identifier: Apache-2.0
// The words behind a bind or a tmpfs.
#include "cli/mount_words.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/text.h"
#include "cli/nearest.h"

namespace kelp::cli {
namespace {

constexpr std::uint64_t kMostBytes = INT64_MAX;  // MAX_LFS_FILESIZE

// Words of one question contradict each other.
enum class About {
  kWriting,
  kExecuting,
  kDevices,
  kSetuid,
  kCreating,
  kFollowing,
  kAbsence,
  kSubmounts,
  kSize,
  kMode
};

template <typename What>
struct Word {
  std::string_view word;
  About about;
  void (*apply)(What&);
};

constexpr std::array<Word<Bind>, 12> kBindWords = {{
    {"ro", About::kWriting, [](Bind& bind) { bind.writable = false; }},
    {"rw", About::kWriting, [](Bind& bind) { bind.writable = true; }},
    {"exec", About::kExecuting, [](Bind& bind) { bind.executable = true; }},
    {"noexec", About::kExecuting, [](Bind& bind) { bind.executable = false; }},
    {"dev", About::kDevices, [](Bind& bind) { bind.devices = true; }},
    {"nodev", About::kDevices, [](Bind& bind) { bind.devices = false; }},
    {"suid", About::kSetuid, [](Bind& bind) { bind.setuid = true; }},
    {"nosuid", About::kSetuid, [](Bind& bind) { bind.setuid = false; }},
    {"create", About::kCreating, [](Bind& bind) { bind.missing = MissingTarget::kCreate; }},
    {"nofollow", About::kFollowing, [](Bind& bind) { bind.follow = false; }},
    {"try", About::kAbsence, [](Bind& bind) { bind.optional = true; }},
    {"rbind", About::kSubmounts, [](Bind& bind) { bind.recursive = true; }},
}};

constexpr std::array<Word<Tmpfs>, 6> kTmpfsWords = {{
    {"ro", About::kWriting, [](Tmpfs& tmpfs) { tmpfs.writable = false; }},
    {"rw", About::kWriting, [](Tmpfs& tmpfs) { tmpfs.writable = true; }},
    {"exec", About::kExecuting, [](Tmpfs& tmpfs) { tmpfs.executable = true; }},
    {"noexec", About::kExecuting, [](Tmpfs& tmpfs) { tmpfs.executable = false; }},
    // A user namespace's tmpfs never has these; the words are Podman's habit.
    {"nodev", About::kDevices, [](Tmpfs&) {}},
    {"nosuid", About::kSetuid, [](Tmpfs&) {}},
}};

struct LackedWord {
  std::string_view word;
  std::string_view reason;
  std::string_view hint;
};
constexpr std::string_view kWhole = "propagation is the same for the whole container";
constexpr std::string_view kSay = "write --propagation=shared, slave or private before ROOT";
constexpr std::array<LackedWord, 21> kLacked = {{
    {"z", "kelp relabels nothing", "leave it out"},
    {"Z", "kelp relabels nothing", "leave it out"},
    {"U", "kelp changes no owners", "`kelp unshare chown -R USER DIR` changes them by the same id map"},
    {"O", "an overlay lies over ROOT, not over a volume", "write --overlay, or :ro to protect the source"},
    {"shared", kWhole, kSay},
    {"rshared", kWhole, kSay},
    {"slave", kWhole, kSay},
    {"rslave", kWhole, kSay},
    {"private", kWhole, kSay},
    {"rprivate", kWhole, kSay},
    {"unbindable", kWhole, kSay},
    {"runbindable", kWhole, kSay},
    {"bind", "in a user namespace the kernel binds a directory only with what is mounted below it",
     "leave it out"},
    {"copy", "nothing is copied into a volume", "leave it out"},
    {"nocopy", "nothing is copied into a volume anyway", "leave it out"},
    {"tmpcopyup", "nothing is copied into a tmpfs", "leave it out"},
    {"notmpcopyup", "nothing is copied into a tmpfs anyway", "leave it out"},
    {"idmap", "mapped mounts are not supported by this version", "--userns maps ids for the whole container"},
    {"cached", "it has a meaning only on a Mac", "leave it out"},
    {"delegated", "it has a meaning only on a Mac", "leave it out"},
    {"consistent", "it has a meaning only on a Mac", "leave it out"},
}};
constexpr std::string_view kNoSuchOption = "kelp sets no such option of a tmpfs";
constexpr std::array<LackedWord, 5> kLackedByTmpfs = {{
    {"nr_inodes", kNoSuchOption, "size=SIZE bounds what its files take, --memory what inodes take too"},
    {"nr_blocks", kNoSuchOption, "size=SIZE bounds what its files take"},
    {"huge", kNoSuchOption, "leave it out"},
    {"uid", kNoSuchOption, "it belongs to root inside; mode=OCTAL says who may write in it"},
    {"gid", kNoSuchOption, "it belongs to root inside; mode=OCTAL says who may write in it"},
}};

// Remembers which word answered a question, and tells whether another one had.
class Questions {
 public:
  Status answer(About about, std::string_view word, const std::string& typed) {
    std::string_view& said = said_[static_cast<std::size_t>(about)];
    if (!said.empty() && said != word) {
      return Error(cat("read ", typed), cat("'", said, "' and '", word, "' contradict each other"));
    }
    said = word;
    return {};
  }

 private:
  std::array<std::string_view, 10> said_;
};

std::optional<Error> lacked_word(std::string_view word, std::span<const LackedWord> lacked,
                                 const std::string& typed) {
  const std::string_view key = word.substr(0, word.find('='));
  const auto found = std::ranges::find(lacked, key, &LackedWord::word);
  if (found == lacked.end()) return std::nullopt;
  return Error(cat("use '", word, "' in ", typed), std::string(found->reason))
      .with_hint(std::string(found->hint));
}

template <typename What, std::size_t Count>
Error unknown_word(std::string_view word, const std::array<Word<What>, Count>& known,
                   const std::string& typed) {
  if (word.empty()) return Error(cat("read ", typed), "an option is empty");
  if (std::optional<Error> error = lacked_word(word, kLacked, typed)) return *std::move(error);
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const Word<What>& one : known) names.push_back(one.word);
  Error error(cat("read ", typed), cat("unknown option '", word, "'"));
  const std::string_view meant = nearest(word, names);
  if (!meant.empty()) error = std::move(error).with_hint(cat("did you mean '", meant, "'?"));
  return error;
}

// Applies a word of the table; an Error where it is none or contradicts an earlier one.
template <typename What, std::size_t Count>
Status apply_word(std::string_view word, const std::array<Word<What>, Count>& known, Questions& questions,
                  What& what, const std::string& typed) {
  for (const Word<What>& one : known) {
    if (one.word != word) continue;
    if (Status s = questions.answer(one.about, one.word, typed); !s) return s;
    one.apply(what);
    return {};
  }
  return unknown_word(word, known, typed);
}

}  // namespace

Status apply_bind_words(std::span<const std::string_view> words, Bind& bind, const std::string& typed) {
  Questions questions;
  for (const std::string_view word : words) {
    if (Status s = apply_word(word, kBindWords, questions, bind, typed); !s) return s;
  }
  return {};
}

Status apply_tmpfs_words(std::span<const std::string_view> words, Tmpfs& tmpfs, const std::string& typed) {
  Questions questions;
  for (const std::string_view word : words) {
    if (word.starts_with("size=")) {
      if (Status s = questions.answer(About::kSize, word, typed); !s) return s;
      const auto bytes = read_size(word.substr(5));
      if (!bytes) return Error(cat("read ", typed), cat("'", word, "' is no size (64m, 1g)"));
      if (*bytes > kMostBytes)
        return Error(cat("read ", typed), cat("'", word, "' is more than a tmpfs can have, 8 exbibytes"));
      if (*bytes == 0) return Error(cat("read ", typed), "a size of 0 would mean no limit at all");
      tmpfs.bytes = *bytes;
    } else if (word.starts_with("mode=")) {
      if (Status s = questions.answer(About::kMode, word, typed); !s) return s;
      const auto mode = read_octal(word.substr(5), 07777);
      if (!mode) return Error(cat("read ", typed), cat("'", word, "' is no mode in octal (0755, 1777)"));
      tmpfs.mode = static_cast<std::uint32_t>(*mode);
    } else if (std::optional<Error> error = lacked_word(word, kLackedByTmpfs, typed)) {
      return *std::move(error);
    } else if (Status s = apply_word(word, kTmpfsWords, questions, tmpfs, typed); !s) {
      return s;
    }
  }
  return {};
}

}  // namespace kelp::cli
