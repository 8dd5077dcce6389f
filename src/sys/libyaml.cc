// SPDX-License-Identifier: Apache-2.0
// libyaml by dlopen; see libyaml.h.
// Runs in: parent.
#include "sys/libyaml.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sys/library.h"

namespace kelp::sys {
namespace {

// yaml.h, which need not be installed where kelp runs. The interface of libyaml-0.so.2 is stable.
enum EventType : int {
  kStreamStart = 1,
  kStreamEnd,
  kDocumentStart,
  kDocumentEnd,
  kAlias,
  kScalar,
  kSequenceStart,
  kSequenceEnd,
  kMappingStart,
  kMappingEnd,
};
constexpr int kPlainStyle = 1;

struct Mark {
  std::size_t index, line, column;
};
struct ScalarData {
  const char* anchor;
  const char* tag;
  const char* value;
  std::size_t length;
  int plain_implicit;
  int quoted_implicit;
  int style;
};
// Sequences and mappings begin so too.
struct Event {
  int type;
  ScalarData scalar;
  Mark start, end;
};
static_assert(sizeof(void*) != 8 || (sizeof(Event) == 104 && offsetof(Event, start) == 56));
// yaml_parser_t is 480 bytes long; of its fields only the first are ours to read.
struct Parser {
  int error;
  const char* problem;
  std::size_t problem_offset;
  int problem_value;
  Mark problem_mark;
  std::array<std::byte, 4096> rest;
};

struct Functions {
  int (*initialize)(Parser*);
  void (*remove)(Parser*);
  void (*set_input)(Parser*, const char*, std::size_t);
  int (*parse)(Parser*, Event*);
  void (*remove_event)(Event*);
};

constexpr std::size_t kMostLevels = 32;

Result<const Functions*> functions() {
  static Functions found;
  const Library library{"libyaml-0.so.2"};
  if (!library.is_loaded()) {
    return Error("read YAML", why_not_loaded("libyaml-0.so.2"))
        .with_hint(cat(how_to_load("libyaml", "libyaml-0-2"), ", or give the file as JSON"));
  }
  const bool is_whole = library.find("yaml_parser_initialize", found.initialize) &&
                        library.find("yaml_parser_delete", found.remove) &&
                        library.find("yaml_parser_set_input_string", found.set_input) &&
                        library.find("yaml_parser_parse", found.parse) &&
                        library.find("yaml_event_delete", found.remove_event);
  if (is_whole) return &found;
  return Error("read YAML", "libyaml-0.so.2 lacks a function");
}

void append_quoted(std::string_view text, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += cat("\\u00", kHex[byte >> 4U], kHex[byte & 15U]);
    } else {
      out += c;
    }
  }
  out += '"';
}

bool is_null(const ScalarData& scalar) {
  if (scalar.style != kPlainStyle) return false;
  const std::string_view text(scalar.value, scalar.length);
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// Writes JSON while events come.
class Writer {
 public:
  Status write(const Event& event) {
    switch (event.type) {
      case kDocumentStart:
        if (++documents_ > 1) return wrong(event, "there is a second document");
        return {};
      case kAlias: return wrong(event, "kelp takes no aliases");
      case kScalar: return scalar(event);
      case kSequenceStart: return open(event, ']');
      case kMappingStart: return open(event, '}');
      case kSequenceEnd:
      case kMappingEnd: close(); return {};
      default: return {};
    }
  }

  std::string result() && { return out_.empty() ? "null" : std::move(out_); }

 private:
  struct Level {
    char end;
    bool is_empty = true;
    bool wants_value = false;  // of a mapping: its key is written
  };

  static Status wrong(const Event& event, std::string_view reason) {
    return Error("read YAML", cat("line ", event.start.line + 1, ": ", reason));
  }

  bool is_key() const { return !levels_.empty() && levels_.back().end == '}' && !levels_.back().wants_value; }

  // What stands between the last value and the next.
  void separate() {
    if (levels_.empty()) return;
    Level& level = levels_.back();
    if (level.wants_value) {
      level.wants_value = false;
      return;
    }
    if (!level.is_empty) out_ += ',';
    level.is_empty = false;
  }

  Status scalar(const Event& event) {
    const ScalarData& scalar = event.scalar;
    if (scalar.tag != nullptr && std::string_view(scalar.tag) != "tag:yaml.org,2002:str")
      return wrong(event, cat("kelp does not know the tag ", scalar.tag));
    const bool is_key_of_mapping = is_key();
    separate();
    if (is_null(scalar) && scalar.tag == nullptr) {
      if (is_key_of_mapping) return wrong(event, "a key is no text");
      out_ += "null";
      return {};
    }
    append_quoted({scalar.value, scalar.length}, out_);
    if (is_key_of_mapping) {
      out_ += ':';
      levels_.back().wants_value = true;
    }
    return {};
  }

  Status open(const Event& event, char end) {
    if (event.scalar.tag != nullptr)
      return wrong(event, cat("kelp does not know the tag ", event.scalar.tag));
    if (is_key()) return wrong(event, "a key is no text");
    if (levels_.size() == kMostLevels) return wrong(event, "it is nested too deep");
    separate();
    out_ += end == '}' ? '{' : '[';
    levels_.push_back({.end = end});
    return {};
  }

  void close() {
    out_ += levels_.back().end;
    levels_.pop_back();
  }

  std::string out_;
  std::vector<Level> levels_;
  int documents_ = 0;
};

class Reader {
 public:
  Reader(const Functions& functions, std::string_view yaml) : functions_(functions) {
    is_ready_ = functions_.initialize(&parser_) == 1;
    if (is_ready_) functions_.set_input(&parser_, yaml.data(), yaml.size());
  }
  ~Reader() {
    if (is_ready_) functions_.remove(&parser_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<std::string> read() {
    if (!is_ready_) return Error("read YAML", "Cannot allocate memory");
    Writer writer;
    for (int type = 0; type != kStreamEnd;) {
      Event event{};
      if (functions_.parse(&parser_, &event) != 1) return problem();
      type = event.type;
      Status written = writer.write(event);
      functions_.remove_event(&event);
      if (!written) return written.error();
    }
    return std::move(writer).result();
  }

 private:
  Error problem() const {
    const char* why = parser_.problem != nullptr ? parser_.problem : "it is no YAML";
    // An encoding that is wrong has an offset and no line.
    const std::size_t line = parser_.problem_mark.line + 1;
    return {"read YAML", cat("line ", line, ": ", why)};
  }

  const Functions& functions_;
  Parser parser_{};
  bool is_ready_ = false;
};

}  // namespace

Result<std::string> json_of_yaml(std::string_view yaml) {
  const Result<const Functions*> loaded = functions();
  if (!loaded) return loaded.error();
  return Reader(**loaded, yaml).read();
}

}  // namespace kelp::sys
