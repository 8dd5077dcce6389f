// SPDX-License-Identifier: Apache-2.0
// From the command's exec to its end; see wait.h.
// Runs in: parent.
#include "launch/wait.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <vector>

#include "child/report.h"
#include "launch/clock.h"
#include "launch/relay.h"
#include "launch/signals.h"
#include "sys/failure.h"
#include "sys/pipe.h"

namespace kelp::launch {
namespace {

constexpr std::uint64_t kGraceUs = 10'000'000;  // from TERM to KILL when --timeout has run out

class Waiter {
 public:
  Waiter(const plan::Plan& plan, Running running) : plan_(plan), running_(std::move(running)) {
    if (plan_.timeout_ms) deadline_us_ = running_.started_us + *plan_.timeout_ms * 1000;
  }

  Result<Finished> run() {
    // One of the first messages may be waiting already: the terminal's master.
    for (;;) {
      std::vector<pollfd> entries = {
          {.fd = running_.signals.get(), .events = POLLIN, .revents = 0},
          {.fd = running_.process.pidfd(), .events = POLLIN, .revents = 0},
          {.fd = running_.status.valid() ? running_.status.get() : -1, .events = POLLIN, .revents = 0}};
      const std::size_t own = entries.size();
      if (relay_) relay_->add_to(entries);
      if (::poll(entries.data(), entries.size(), milliseconds_left()) < 0 && errno != EINTR) {
        return sys::failure("wait for the container");
      }
      check_deadline();
      if (entries[2].revents != 0) read_status();
      if (relay_ && entries.size() > own) relay_->handle(std::span(entries).subspan(own));
      if (entries[0].revents != 0) pass_on_signals();
      if (entries[1].revents != 0) return finish();
    }
  }

 private:
  int milliseconds_left() const {
    if (!deadline_us_) return -1;
    const std::uint64_t now = now_us();
    if (now >= *deadline_us_) return 0;
    return static_cast<int>(std::min<std::uint64_t>((*deadline_us_ - now + 999) / 1000, 1'000'000));
  }

  void check_deadline() {
    if (!deadline_us_ || now_us() < *deadline_us_) return;
    // PID 1 takes everything with it when it is killed.
    running_.process.signal(timed_out_ ? SIGKILL : SIGTERM);
    if (timed_out_) {
      deadline_us_.reset();
    } else {
      timed_out_ = true;
      running_.process.signal(SIGCONT);  // a stopped command could not act on SIGTERM
      deadline_us_ = now_us() + kGraceUs;
    }
  }

  void pass_on_signals() {
    while (const int number = next_signal(running_.signals.get())) {
      if (number == SIGCHLD) {
        notice_stop_without_reaper();
      } else if (number == SIGWINCH && relay_) {
        relay_->copy_window_size();  // the pty tells its foreground group by itself
      } else if (number == SIGCONT) {
        if (relay_) relay_->resume();
        running_.process.signal(SIGCONT);
      } else {
        running_.process.signal(number);
      }
    }
  }

  void read_status() {
    child::StatusMessage message;
    Result<sys::Received> received = sys::receive_message(running_.status.get(), &message, sizeof message);
    if (!received || received->size != sizeof message) {
      running_.status.reset();
      return;
    }
    switch (message.kind) {
      case child::StatusKind::kTerminal: relay_.emplace(std::move(received->fd)); break;
      case child::StatusKind::kStopped: stop_with_it(); break;
      case child::StatusKind::kEnded: wait_status_ = message.value; break;
    }
  }

  // Without a reaper the command is our own child.
  void notice_stop_without_reaper() {
    if (plan_.has_reaper) return;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(running_.process.pid()), &info, WSTOPPED | WNOHANG) == 0 &&
        info.si_pid != 0) {
      stop_with_it();
    }
  }

  // The command was stopped (Ctrl-Z): so are we, and our shell gets its terminal back as it was. Continued,
  // we continue it.
  void stop_with_it() {
    if (relay_) {
      relay_->drain();
      relay_->restore();
    }
    ::kill(::getpid(), SIGSTOP);
    if (relay_) relay_->resume();
    running_.process.signal(SIGCONT);
  }

  Result<Finished> finish() {
    while (running_.status.valid() && !wait_status_) read_status();
    if (relay_) {
      relay_->drain();
      relay_->restore();
    }
    Result<sys::Process::Ended> ended = running_.process.wait();
    if (!ended) return ended.error();
    return Finished{.wait_status = wait_status_.value_or(ended->wait_status),
                    .timed_out = timed_out_,
                    .usage = ended->usage,
                    .wall_us = now_us() - running_.started_us};
  }

  const plan::Plan& plan_;
  Running running_;
  std::optional<Relay> relay_;
  std::optional<int> wait_status_;  // as the reaper told it
  std::optional<std::uint64_t> deadline_us_;
  bool timed_out_ = false;
};

}  // namespace

Result<Finished> wait(const plan::Plan& plan, Running running) {
  return Waiter(plan, std::move(running)).run();
}

}  // namespace kelp::launch
