// SPDX-License-Identifier: Apache-2.0
// What a command line was told; see memory.h.
#include "cli/memory.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <type_traits>

#include "base/text.h"

namespace kelp::cli {
namespace {

using Words = std::vector<std::string>;

// Words as they are taken again, from the front; nothing where there is none left.
class Taker {
 public:
  explicit Taker(const Words& words) : words_(words) {}
  std::string text() { return at_ < words_.size() ? words_[at_++] : std::string(); }
  bool flag() { return text() == "1"; }
  std::uint32_t number() { return static_cast<std::uint32_t>(read_decimal(text(), UINT32_MAX).value_or(0)); }
  Words rest() const { return {words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end()}; }

 private:
  const Words& words_;
  std::size_t at_ = 0;
};

std::string word_of(bool flag) { return flag ? "1" : "0"; }

// The two directions of each kind of answer.
Words words_of(const std::string& text) { return {text}; }
Words words_of(const Words& words) { return words; }
Words words_of(bool flag) { return {word_of(flag)}; }
Words words_of(const HostNode& node) {
  return {std::to_string(static_cast<int>(node.kind)),
          node.why,
          word_of(node.is_link),
          word_of(node.is_open),
          word_of(node.is_on_nodev),
          std::to_string(node.mode),
          std::to_string(node.owner),
          std::to_string(node.group)};
}
Words words_of(const ContainerNetwork& network) {
  return {network.user_namespace, network.network_namespace, word_of(network.maps_root),
          word_of(network.maps_only_root)};
}

void take(Taker& words, std::string& out) { out = words.text(); }
void take(Taker& words, Words& out) { out = words.rest(); }
void take(Taker& words, bool& out) { out = words.flag(); }
void take(Taker& words, HostNode& out) {
  out.kind = static_cast<HostNode::Kind>(std::min(words.number(), 3U));
  out.why = words.text();
  out.is_link = words.flag();
  out.is_open = words.flag();
  out.is_on_nodev = words.flag();
  out.mode = words.number();
  out.owner = words.number();
  out.group = words.number();
}
void take(Taker& words, ContainerNetwork& out) {
  out.user_namespace = words.text();
  out.network_namespace = words.text();
  out.maps_root = words.flag();
  out.maps_only_root = words.flag();
}

template <typename T>
Words words_of(const Result<T>& result) {
  if (!result)
    return {"error", result.error().action(), result.error().reason(), std::to_string(result.error().code())};
  Words words = words_of(*result);
  words.insert(words.begin(), "value");
  return words;
}
template <typename T>
struct IsResult : std::false_type {};
template <typename T>
struct IsResult<Result<T>> : std::true_type {
  using Value = T;
};

template <typename T>
T answer_of(const Words& words) {
  Taker taker(words);
  if constexpr (IsResult<T>::value) {
    typename IsResult<T>::Value value{};
    if (taker.text() == "value") {
      take(taker, value);
      return value;
    }
    const std::string action = taker.text();
    const std::string reason = taker.text();
    return Error(action.empty() ? "remember the command line" : action,
                 action.empty() ? "this was not asked then" : reason)
        .with_code(static_cast<int>(taker.number()));
  } else {
    T value{};
    take(taker, value);
    return value;
  }
}

std::string subject_of(const std::string& text) { return text; }
std::string subject_of(int number) { return std::to_string(number); }
std::string subject_of() { return {}; }

// The two uses of a function: asked and noted, or answered by what was noted.
struct Noting {
  Memory& memory;
  template <typename T, typename... Asked>
  void operator()(std::string_view name, std::function<T(Asked...)>& function) const {
    if (!function) return;
    function = [&memory = memory, name = std::string(name), asked = std::move(function)](Asked... subject) {
      T answer = asked(subject...);
      memory.answers[{name, subject_of(subject...)}] = words_of(answer);
      return answer;
    };
  }
};
struct Answering {
  const Memory& memory;
  template <typename T, typename... Asked>
  void operator()(std::string_view name, std::function<T(Asked...)>& function) const {
    function = [&memory = memory, name = std::string(name)](Asked... subject) {
      const auto found = memory.answers.find({name, subject_of(subject...)});
      return answer_of<T>(found != memory.answers.end() ? found->second : Words());
    };
  }
};

// The one list of the functions.
void for_each_function(Surroundings& around, const auto& use) {
  use("read_file", around.read_file);
  use("read_fd", around.read_fd);
  use("names_in", around.names_in);
  use("is_there", around.is_there);
  use("look_at", around.look_at);
  use("json_of_yaml", around.json_of_yaml);
  use("library_name", around.library_name);
  use("network_of", around.network_of);
  use("data_directories", around.data_directories);
}

constexpr auto kOwnVariables =
    std::to_array<std::string_view>({"HOME=", "SHELL=", "TERM=", "XDG_CONFIG_HOME="});

constexpr std::string_view kHead = "kelp request 1";

void append(std::string& out, std::string_view word) { out += cat(word.size(), ':', word); }
void append(std::string& out, const Words& words) {
  append(out, std::to_string(words.size()));
  for (const std::string& word : words) append(out, word);
}

class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}
  bool is_sound() const { return is_sound_; }
  bool is_at_end() const { return text_.empty(); }
  std::string word() {
    const std::size_t colon = text_.find(':');
    const auto size = read_decimal(text_.substr(0, colon), text_.size());
    if (colon == std::string_view::npos || !size || *size > text_.size() - colon - 1) {
      is_sound_ = false;
      text_ = {};
      return {};
    }
    std::string word(text_.substr(colon + 1, *size));
    text_.remove_prefix(colon + 1 + *size);
    return word;
  }
  Words words() {
    Words words;
    const auto count = read_decimal(word(), text_.size());
    is_sound_ &= count.has_value();
    for (std::uint64_t i = 0; is_sound_ && i < *count; ++i) words.push_back(word());
    return words;
  }

 private:
  std::string_view text_;
  bool is_sound_ = true;
};

}  // namespace

Surroundings remembering(Surroundings around, Memory& memory) {
  for_each_function(around, Noting{memory});
  return around;
}

void remember(Memory& memory, std::span<const std::string> args, const Surroundings& around,
              const Spec& spec) {
  memory.args.assign(args.begin(), args.end());
  memory.working_directory = around.working_directory;
  memory.has_terminal = around.has_terminal;
  const std::vector<std::string>& used = spec.command.environment.entries;
  std::ranges::copy_if(
      around.environment, std::back_inserter(memory.environment), [&](const std::string& entry) {
        return std::ranges::find(used, entry) != used.end() ||
               std::ranges::any_of(kOwnVariables,
                                   [&](std::string_view name) { return entry.starts_with(name); });
      });
}

Surroundings surroundings_of(const Memory& memory) {
  Surroundings around{.environment = memory.environment,
                      .has_terminal = memory.has_terminal,
                      .working_directory = memory.working_directory};
  for_each_function(around, Answering{memory});
  return around;
}

std::string text_of(const Memory& memory) {
  std::string out;
  append(out, kHead);
  append(out, memory.args);
  append(out, memory.environment);
  append(out, memory.working_directory);
  append(out, word_of(memory.has_terminal));
  for (const auto& [question, answer] : memory.answers) {
    append(out, question.first);
    append(out, question.second);
    append(out, answer);
  }
  return out;
}

Result<Memory> read_memory(std::string_view text) {
  TextReader reader(text);
  if (reader.word() != kHead) return Error("read the request", "it is of another version of kelp");
  Memory memory;
  memory.args = reader.words();
  memory.environment = reader.words();
  memory.working_directory = reader.word();
  memory.has_terminal = reader.word() == "1";
  while (reader.is_sound() && !reader.is_at_end()) {
    std::string name = reader.word();
    std::string subject = reader.word();
    memory.answers[{std::move(name), std::move(subject)}] = reader.words();
  }
  if (!reader.is_sound()) return Error("read the request", "it is damaged");
  return memory;
}

}  // namespace kelp::cli
