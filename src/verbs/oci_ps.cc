// SPDX-License-Identifier: Apache-2.0
// `kelp-oci ps`: the container's processes, by the machine's own ps(1) as runc has it.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "verbs/oci_place.h"
#include "verbs/oci_processes.h"
#include "verbs/oci_verbs.h"
#include "verbs/print.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostText = 64U << 20U;

std::string ps_program() {
  for (const char* const path : {"/usr/bin/ps", "/bin/ps"})
    if (::access(path, X_OK) == 0) return path;
  return {};
}

Result<std::string> output_of_ps(const std::string& program, const std::vector<std::string>& options) {
  std::vector<std::string> argv = {program};
  argv.insert(argv.end(), options.begin(), options.end());
  if (options.empty()) argv.emplace_back("-ef");
  Result<sys::Pipe> pipe = sys::make_pipe();
  if (!pipe) return pipe.error();
  Result<sys::Process> process = sys::start_program(argv, pipe->write_end.get());
  if (!process) return process.error();
  pipe->write_end.reset();
  Result<std::string> text = sys::read_all(pipe->read_end.get(), kMostText, program);
  if (!text) return text;
  const Result<sys::Process::Ended> ended = process->wait();
  if (!ended) return ended.error();
  if (ended->wait_status != 0) return Error(cat("run ", program), cat("it says: ", trimmed(*text)));
  return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(line, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

// Its head, and the lines whose number is one of these.
Result<std::string> lines_of(const std::string& text, const std::vector<pid_t>& pids) {
  const std::vector<std::string_view> lines = split(text, '\n');
  const std::vector<std::string_view> head = words_of(lines.front());
  const auto column =
      static_cast<std::size_t>(std::ranges::find(head, std::string_view("PID")) - head.begin());
  if (column == head.size()) return oci::refusal("couldn't find PID field in ps output");
  std::string out = cat(lines.front(), "\n");
  for (const std::string_view line : lines) {
    const std::vector<std::string_view> words = words_of(line);
    const auto pid = column < words.size() ? read_decimal(words[column], INT32_MAX) : std::nullopt;
    if (pid && std::ranges::binary_search(pids, static_cast<pid_t>(*pid))) out += cat(line, "\n");
  }
  return out;
}

}  // namespace

Result<int> oci_ps(const OciCall& call) {
  const Result<Found> found = find_container(call.arguments);
  if (!found) return found.error();
  const Result<std::vector<pid_t>> pids = processes_of(found->record);
  if (!pids) return pids.error();
  if (call.arguments.format == "json") return print_out(nlohmann::json(*pids).dump() + "\n");
  const std::string program = ps_program();
  if (program.empty()) {
    std::string out = "PID\n";
    for (const pid_t pid : *pids) out += cat(pid, "\n");
    return print_out(out);
  }
  const Result<std::string> text = output_of_ps(program, call.arguments.words);
  if (!text) return text.error();
  const Result<std::string> lines = lines_of(*text, *pids);
  if (!lines) return lines.error();
  return print_out(*lines);
}

}  // namespace kelp::verbs
