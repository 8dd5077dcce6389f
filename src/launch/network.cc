// SPDX-License-Identifier: Apache-2.0
// The program that connects the container's network; see network.h.
// Runs in: parent.
#include "launch/network.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "host/network_facts.h"
#include "launch/ports.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/pipe.h"
#include "sys/tied_program.h"

namespace kelp::launch {
namespace {

constexpr std::size_t kMostWords = 4096;
constexpr long kNsfsMagic = 0x6e736673;  // <linux/magic.h>

Result<sys::UniqueFd> open_namespace(pid_t container, std::string_view file) {
  Result<sys::UniqueFd> space = sys::open_file(cat("/proc/", container, "/ns/", file), O_RDONLY);
  if (!space) return std::move(space.error()).after("connecting the container's network");
  return space;
}

// What it says is read when there is time: until then nothing may make it wait, nor us for who else has it.
Result<sys::Pipe> make_pipe_of_words() {
  Result<sys::Pipe> words = sys::make_pipe();
  if (!words) return words;
  if (::fcntl(words->write_end.get(), F_SETFL, O_NONBLOCK) != 0 ||
      ::fcntl(words->read_end.get(), F_SETFL, O_NONBLOCK) != 0)
    return sys::failure("set up a helper's output");
  return words;
}

// One read's worth; false at the end.
bool read_more(int fd, std::string& text) {
  std::array<char, kMostWords> buffer;
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  if (text.size() > kMostWords) text.erase(0, text.size() - kMostWords);
  return count > 0;
}

// In one line, without what the older pasta says where no syslog listens.
std::string in_one_line(std::string_view words) {
  std::string out;
  for (const std::string_view line : split(words, '\n')) {
    const std::string_view text = trimmed(line);
    if (text.empty() || (text.starts_with("Failed to send") && text.ends_with("to syslog"))) continue;
    out += cat(out.empty() ? "" : "; ", text);
  }
  return out;
}

std::string end_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return cat("it was killed by signal ", WTERMSIG(wait_status));
  return cat("it ended with status ", WEXITSTATUS(wait_status));
}

// How it ended and what it said, which is the reason.
std::string reason_of_end(sys::Process& process, int words_fd, std::string words = {}) {
  const Result<sys::Process::Ended> ended = process.wait();
  while (read_more(words_fd, words)) {
  }
  std::string said = in_one_line(words);
  if (!ended) return said.empty() ? ended.error().reason() : said;
  if (said.empty() || WIFSIGNALED(ended->wait_status)) return end_of(ended->wait_status);
  return said;
}

// Only what is proven: without the device no program can do it.
std::string hint_of_tunnel() {
  if (::access(host::kTunnelDevice, R_OK | W_OK) == 0) return {};
  const host::Cause cause = host::no_tunnel(errno);
  return cat(cause.why, "; ", cause.mend);
}

Error failed(const plan::NetworkHelper& helper, std::string reason) {
  return Error(cat("connect the container's network with ", helper.program), std::move(reason))
      .after(helper.origin.text)
      .with_hint(hint_of_tunnel());
}

std::vector<std::string> argv_for(const plan::NetworkHelper& helper, pid_t container) {
  std::vector<std::string> argv = helper.argv;
  for (std::string& word : argv) {
    const std::size_t place = word.find(plan::kContainerPid);
    if (place != std::string::npos)
      word.replace(place, plan::kContainerPid.size(), std::to_string(container));
  }
  return argv;
}

// Of the lines that are whole.
bool has_line(std::string_view words, std::string_view wanted) {
  const std::vector<std::string_view> lines = split(words.substr(0, words.rfind('\n') + 1), '\n');
  return std::ranges::find(lines, wanted) != lines.end();
}

// A start on its way.
struct Helper {
  sys::Process process;
  sys::Pipe ready;  // where it says so on its 0
  sys::Pipe words;
  sys::Pipe life;  // the same programs
  std::string said = {};
};

// True once it has said that the network is up; false where it will not.
Result<bool> wait_until_up(plan::NetworkUp how, Helper& helper, const Patience& patience) {
  const bool is_byte = how == plan::NetworkUp::kByteOnStdin;
  int fd = is_byte ? helper.ready.read_end.get() : helper.words.read_end.get();
  const std::string pid = std::to_string(helper.process.pid());
  for (;;) {
    const std::array<int, 2> awaited = {fd, helper.process.pidfd()};
    const Result<std::size_t> first = patience(awaited);
    if (!first) return first.error();
    if (*first != 0) return false;
    std::string byte;
    if (!read_more(fd, is_byte ? byte : helper.said)) {
      fd = -1;  // it ends
      if (helper.process.pidfd() < 0) return false;
    } else if (is_byte || has_line(helper.said, pid)) {
      return true;
    }
  }
}

Result<Helper> start_helper(const plan::NetworkHelper& helper, pid_t container) {
  Result<sys::UniqueFd> network = open_namespace(container, "net");
  if (!network) return network.error();
  Result<sys::UniqueFd> users = open_namespace(container, "user");
  if (!users) return users.error();
  Result<sys::Pipe> ready = sys::make_pipe();
  if (!ready) return ready.error();
  Result<sys::Pipe> life = sys::make_pipe();
  if (!life) return life.error();
  Result<sys::Pipe> words = make_pipe_of_words();
  if (!words) return words.error();
  const bool is_byte = helper.up == plan::NetworkUp::kByteOnStdin;
  Result<sys::Process> process =
      sys::start_tied({.path = helper.program,
                       .argv = argv_for(helper, container),
                       .stdin_fd = is_byte ? ready->write_end.get() : users->get(),
                       .stdout_fd = is_byte ? life->read_end.get() : network->get(),
                       .stderr_fd = words->write_end.get()});
  if (!process) return process.error();
  ready->write_end.reset();
  words->write_end.reset();
  life->read_end.reset();
  return Helper{.process = std::move(*process),
                .ready = std::move(*ready),
                .words = std::move(*words),
                .life = std::move(*life)};
}

}  // namespace

Result<NetworkConnection> connect_network(const plan::NetworkHelper& wanted, pid_t container,
                                          const Patience& patience) {
  if (Status s = try_ports(wanted.tried_ports); !s) return s.error();
  Result<Helper> helper = start_helper(wanted, container);
  if (!helper) return helper.error();
  const Result<bool> is_up = wait_until_up(wanted.up, *helper, patience);
  if (!is_up) return is_up.error();
  if (!*is_up)
    return failed(wanted,
                  reason_of_end(helper->process, helper->words.read_end.get(), std::move(helper->said)));
  return NetworkConnection{.process = std::move(helper->process),
                           .words = std::move(helper->words.read_end),
                           .life = std::move(helper->life.write_end),
                           .program = wanted.program};
}

Error explain_lost(NetworkConnection& connection) {
  return {cat("keep the container's network up with ", connection.program),
          cat(reason_of_end(connection.process, connection.words.get()), "; the container was ended")};
}

Status join_network(const plan::NetworkToJoin& network) {
  const std::string action = cat("join the network namespace ", network.path);
  // Looked at before it is opened: a FIFO would block, a device have side effects.
  Result<sys::UniqueFd> place = sys::open_file(network.path, O_PATH);
  if (!place) return sys::failure(action, place.error().code()).after(network.origin.text);
  struct statfs info{};
  if (::fstatfs(place->get(), &info) != 0) return sys::failure(action);
  Result<sys::UniqueFd> space = sys::UniqueFd();
  if (info.f_type == kNsfsMagic) {
    space = sys::open_file(sys::proc_path(place->get()), O_RDONLY);
    if (!space) return sys::failure(action, space.error().code()).after(network.origin.text);
  }
  if (!space->valid() || ::ioctl(space->get(), NS_GET_NSTYPE) != CLONE_NEWNET)
    return Error(action, "it is no network namespace").after(network.origin.text);
  if (::setns(space->get(), CLONE_NEWNET) == 0) return {};
  Error error = sys::failure(action, errno).after(network.origin.text);
  if (error.code() != EPERM) return error;
  return std::move(error).with_hint(
      "it takes root of the user namespace that it belongs to: the machine's root for one of ip-netns(8), "
      "root "
      "inside for one that was made in `kelp unshare`");
}

}  // namespace kelp::launch
