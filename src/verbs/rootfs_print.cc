// SPDX-License-Identifier: Apache-2.0
// Text and JSON of `kelp rootfs make`; see rootfs_print.h.
#include "verbs/rootfs_print.h"

#include <nlohmann/json.hpp>

#include <cstdio>

#include "base/counted.h"
#include "base/text.h"
#include "sys/failure.h"

namespace kelp::verbs {
namespace {

const char* word_of(RootChange::What what) {
  switch (what) {
    case RootChange::What::kCopied: return "copied";
    case RootChange::What::kLinked: return "linked";
    case RootChange::What::kMade: return "made";
    case RootChange::What::kUnchanged: return "unchanged";
  }
  return "";
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kKilobyte = 1000, kMegabyte = kKilobyte * 1000;
  if (bytes < kKilobyte) return counted(bytes, "byte");
  if (bytes < kMegabyte) return cat(bytes / kKilobyte, " kB");
  return cat(bytes / kMegabyte, ".", bytes % kMegabyte / (kMegabyte / 10), " MB");
}

}  // namespace

void RootfsPrinter::tell(const RootChange& change) {
  bytes_ += change.bytes;
  switch (change.what) {
    case RootChange::What::kCopied: ++copied_; break;
    case RootChange::What::kLinked: ++linked_; break;
    case RootChange::What::kMade: ++made_; break;
    case RootChange::What::kUnchanged: ++unchanged_; break;
  }
  if (output_ == RootfsOutput::kJson) {
    changes_.push_back(change);
    return;
  }
  if (change.what == RootChange::What::kUnchanged) return;  // the total counts them
  std::string line = cat(word_of(change.what), " ", change.path);
  if (change.what == RootChange::What::kLinked) line += cat(" -> ", change.target);
  if (!change.dropped.empty()) line += cat(" (without its ", join(change.dropped, " and its "), ")");
  line = printable(line) + "\n";
  std::fputs(line.c_str(), stdout);
}

std::string RootfsPrinter::total() const {
  if (copied_ + linked_ + made_ == 0)
    return cat("unchanged: ", counted(unchanged_, "path"), " in ", directory_);
  std::string text = cat(directory_, ": ", counted(copied_, "file"), " copied (", size_text(bytes_), "), ",
                         counted(linked_, "link"), ", ", made_, " made");
  if (unchanged_ > 0) text += cat(", ", unchanged_, " unchanged");
  return text;
}

std::string RootfsPrinter::document(const std::vector<std::string>& warnings) const {
  // Names need not be UTF-8, JSON must: printable() shows other bytes as \xNN.
  nlohmann::json paths = nlohmann::json::array();
  for (const RootChange& change : changes_) {
    nlohmann::json one = {{"what", word_of(change.what)}, {"path", printable(change.path)}};
    if (change.what == RootChange::What::kLinked) one["target"] = printable(change.target);
    if (change.what == RootChange::What::kCopied) one["bytes"] = change.bytes;
    if (!change.dropped.empty()) one["dropped"] = change.dropped;
    paths.push_back(std::move(one));
  }
  nlohmann::json texts = nlohmann::json::array();
  for (const std::string& warning : warnings) texts.push_back(printable(warning));
  const nlohmann::json document = {{"directory", printable(directory_)},
                                   {"copied", copied_},
                                   {"linked", linked_},
                                   {"made", made_},
                                   {"unchanged", unchanged_},
                                   {"bytes", bytes_},
                                   {"paths", std::move(paths)},
                                   {"warnings", std::move(texts)}};
  return document.dump(2);
}

Status RootfsPrinter::finish(const std::vector<std::string>& warnings) {
  const std::string text = output_ == RootfsOutput::kJson ? document(warnings) : printable(total());
  std::fputs((text + "\n").c_str(), stdout);
  errno = 0;
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return sys::failure("write to stdout");
  return {};
}

}  // namespace kelp::verbs
