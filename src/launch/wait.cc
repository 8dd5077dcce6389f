// SPDX-License-Identifier: Apache-2.0
// From the command's exec to its end; see wait.h.
// Runs in: parent.
#include "launch/wait.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "child/report.h"
#include "launch/clock.h"
#include "launch/orphans.h"
#include "launch/patience.h"
#include "launch/relay.h"
#include "launch/signals.h"
#include "sys/failure.h"
#include "sys/pid1.h"
#include "sys/pipe.h"

namespace kelp::launch {
namespace {

constexpr std::uint64_t kGraceUs = 10'000'000;     // from TERM to KILL when --timeout has run out
constexpr std::uint64_t kLastWordsUs = 1'000'000;  // for output that nobody takes, after a signal
// Until when a hang-up, which reloads a server, or an interrupt, which a program with a prompt takes for its
// own, has to do with an end.
constexpr std::uint64_t kMomentUs = 2'000'000;
constexpr int kForegroundMs = 250;  // how often a job in the background looks for its terminal

bool has_own_session(const plan::Plan& plan) {
  return std::any_of(plan.child.begin(), plan.child.end(), [](const plan::Step& step) {
    return std::holds_alternative<plan::NewSession>(step.what);
  });
}

class Waiter {
 public:
  Waiter(const plan::Plan& plan, Running running)
      : plan_(plan),
        running_(std::move(running)),
        deadline_us_(running_.deadline_us),
        has_own_session_(has_own_session(plan)) {}

  Result<Finished> run() {
    handle(running_.early_signals);
    while (!has_ended_ && !(plan_.ends_with_command && wait_status_)) {
      if (Status s = wait_once(); !s) return s.error();
    }
    return finish();
  }

 private:
  // One of the first messages may be waiting already: the terminal's master.
  Status wait_once() {
    std::vector<pollfd> entries = {
        {.fd = running_.signals.get(), .events = POLLIN, .revents = 0},
        {.fd = has_ended_ ? -1 : running_.process.pidfd(), .events = POLLIN, .revents = 0},
        {.fd = running_.status.valid() ? running_.status.get() : -1, .events = POLLIN, .revents = 0},
        {.fd = network_pidfd(), .events = POLLIN, .revents = 0}};
    const std::size_t own = entries.size();
    if (relay_) relay_->add_to(entries);
    if (::poll(entries.data(), entries.size(), milliseconds_left()) < 0) {
      if (errno == EINTR) return {};
      return sys::failure("wait for the container");
    }
    has_ended_ |= entries[1].revents != 0;
    if (entries[3].revents != 0 && !has_ended_) lose_network();
    if (plan_.is_without_namespaces && !has_ended_) reap_orphans(running_.process.pid());
    if (!has_ended_) check_deadline();
    if (relay_ && relay_->waits_for_foreground()) relay_->resume();
    // Before the status: a SIGCONT that is waiting already takes back the SIGTSTP that came first.
    if (entries[0].revents != 0) read_signals();
    if (entries[2].revents != 0) {
      if (Status s = read_status(); !s) return s;
    }
    if (relay_ && entries.size() > own) relay_->handle(std::span(entries).subspan(own));
    return {};
  }

  int network_pidfd() const {
    return running_.network && !is_network_lost_ ? running_.network->process.pidfd() : -1;
  }

  // Ended as by --timeout, so that the command may put away what it has.
  void lose_network() {
    is_network_lost_ = true;
    if (!timed_out_) deadline_us_ = now_us();
  }

  int milliseconds_left() const {
    const int most = relay_ && relay_->waits_for_foreground() ? kForegroundMs : -1;
    const int left = milliseconds_until(deadline_us_);
    if (left < 0) return most;
    return most < 0 ? left : std::min(left, most);
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

  void read_signals() {
    std::vector<Signal> signals;
    while (const std::optional<Signal> signal = next_signal(running_.signals.get()))
      signals.push_back(*signal);
    handle(signals);
  }

  // SIGCHLD last: it may tell of a stop whose reason, a SIGTSTP, comes out behind it.
  void handle(std::span<const Signal> signals) {
    bool is_told_of_child = false;
    for (const Signal& signal : signals) {
      if (signal.number == SIGCHLD) {
        is_told_of_child = true;
      } else {
        handle(signal);
      }
    }
    if (is_told_of_child) notice_stop_without_reaper();
  }

  void handle(const Signal& signal) {
    if (signal.number == SIGTSTP || signal.number == SIGCONT) is_told_to_stop_ = signal.number == SIGTSTP;
    note_wish(signal.number);
    if (has_ended_) {
      if (ends_a_start(signal.number)) deadline_us_ = now_us();
    } else if (signal.number == SIGWINCH && relay_) {
      relay_->copy_window_size();  // the pty tells its foreground group by itself
    } else if (has_own_session_ || !signal.is_from_terminal) {
      pass_on(signal.number);
    }  // else: in one session with us the command has got it already
  }

  // Whether the command gets it from us or has got it already.
  void note_wish(int number) {
    if (!ends_a_start(number)) return;
    const std::uint64_t until = number == SIGTERM ? UINT64_MAX : now_us() + kMomentUs;
    asked_to_end_until_us_ = std::max(asked_to_end_until_us_, until);
  }

  void pass_on(int number) {
    if (number == SIGCONT && relay_) relay_->resume();
    if (plan_.has_reaper || !has_own_session_ || !sys::is_for_groups(number)) {
      running_.process.signal(number);
    } else {
      // Without a reaper it leads its session. Its group is then an orphaned one, which ignores SIGTSTP.
      ::kill(-running_.process.pid(), number == SIGTSTP ? SIGSTOP : number);
    }
  }

  Status read_status() {
    child::StatusMessage message;
    Result<sys::Received> received = sys::receive_message(running_.status.get(), &message, sizeof message);
    if (!received || received->size != sizeof message) {
      running_.status.reset();
      if (received || !plan_.has_terminal || relay_) return {};
      // Nobody would ever see what the command says.
      return std::move(received.error()).after("for the container's terminal");
    }
    switch (message.kind) {
      case child::StatusKind::kTerminal:
        // Once, and by the plan: who got hold of PID 1 could else give us a descriptor of its own to copy to.
        if (!plan_.has_terminal || relay_) break;
        // Where our limit of descriptors is reached the message comes without.
        if (!received->fd.valid()) return sys::failure("take over the container's terminal", EMFILE);
        relay_.emplace(std::move(received->fd));
        break;
      case child::StatusKind::kStopped:
        read_signals();  // what stopped it may have been sent to us too
        stop_with_it(message.value);
        break;
      case child::StatusKind::kEnded: wait_status_ = message.value; break;
    }
    return {};
  }

  // Without a reaper the command is our own child.
  void notice_stop_without_reaper() {
    if (plan_.has_reaper || has_ended_) return;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(running_.process.pid()), &info, WSTOPPED | WNOHANG) == 0 &&
        info.si_pid != 0) {
      stop_with_it(info.si_status);
    }
  }

  // The command was stopped by Ctrl-Z, on its own terminal or on ours, or because it used ours from the
  // background: so are we, and our shell gets its terminal back as it was. Continued, we continue it. A
  // command that is stopped for any other reason, by itself for one, is no reason for us and our whole group
  // to stop: --timeout goes on, and whoever continues the command knows nothing of us.
  void stop_with_it(int signal) {
    if (has_ended_ || sys::has_ended(running_.process.pidfd())) return;
    const bool is_typed = relay_ && relay_->has_suspend() && signal == SIGTSTP;
    const bool is_shared = !relay_ && !has_own_session_;
    // By what pass_on() made of it: an earlier one that the command ignored is no reason for a later stop.
    const bool becomes_stop = !plan_.has_reaper && has_own_session_;
    const bool is_told =
        std::exchange(is_told_to_stop_, false) && signal == (becomes_stop ? SIGSTOP : SIGTSTP);
    if (!is_typed && !is_told && !(is_shared && take_background_stop(signal))) return;
    const bool is_ours = relay_ && relay_->is_in_foreground();
    if (relay_) {
      relay_->drain();
      relay_->restore();
    }
    stop_ourselves(is_ours ? Stop::kWholeGroup : Stop::kThisProcess);
    pass_on(SIGCONT);
  }

  Result<Finished> finish() {
    while (running_.status.valid() && !wait_status_) {
      if (Status s = read_status(); !s) return s.error();
    }
    if (relay_) relay_->drain();
    // The rest of the output, as long as the caller's side takes it and nobody wants us to end.
    if (timed_out_ && !deadline_us_) deadline_us_ = now_us();
    is_asked_to_end_ = now_us() < asked_to_end_until_us_;
    if (is_asked_to_end_) deadline_us_ = std::min(deadline_us_.value_or(UINT64_MAX), now_us() + kLastWordsUs);
    while (relay_ && relay_->has_output() && (!deadline_us_ || now_us() < *deadline_us_)) {
      if (Status s = wait_once(); !s) return s.error();
    }
    if (relay_) relay_->restore();
    if (!has_ended_) return leave_the_others();
    Result<sys::Process::Ended> ended = running_.process.wait();
    if (!ended) return ended.error();
    if (plan_.is_without_namespaces) end_orphans();
    Finished finished{.wait_status = wait_status_.value_or(ended->wait_status),
                      .timed_out = timed_out_,
                      .usage = ended->usage,
                      .wall_us = now_us() - running_.started_us,
                      .cgroup = std::nullopt,
                      .warnings = {},
                      .deadline_us = deadline_of_last_words()};
    if (running_.cgroup.exists()) finish_cgroup(finished);
    if (const Status s = running_.layer.remove(); !s) finished.warnings.push_back(s.error().sentence());
    if (is_network_lost_) return explain_lost(*running_.network);
    return finished;
  }

  void finish_cgroup(Finished& finished) {
    finished.cgroup = running_.cgroup.usage();
    if (const std::uint64_t kills = finished.cgroup->oom_kills.value_or(0); kills > 0) {
      finished.warnings.push_back(cat("the kernel ended ", kills, kills == 1 ? " process" : " processes",
                                      " of the container, which had used up the memory that it may have"));
    }
    if (const Status s = running_.cgroup.remove(); !s) finished.warnings.push_back(s.error().sentence());
  }

  // The command has ended; PID 1 stays with what it left behind.
  Finished leave_the_others() {
    (void)running_.process.release();
    return {.wait_status = *wait_status_,
            .timed_out = timed_out_,
            .usage = {},
            .wall_us = now_us() - running_.started_us,
            .cgroup = std::nullopt,
            .warnings = {},
            .deadline_us = deadline_of_last_words()};
  }

  std::optional<std::uint64_t> deadline_of_last_words() const {
    return timed_out_ || is_asked_to_end_ ? now_us() : deadline_us_;
  }

  const plan::Plan& plan_;
  Running running_;
  std::optional<Relay> relay_;
  std::optional<int> wait_status_;  // as the reaper told it
  std::optional<std::uint64_t> deadline_us_;
  bool has_own_session_ = true;
  bool has_ended_ = false;
  bool timed_out_ = false;
  bool is_network_lost_ = false;
  bool is_told_to_stop_ = false;  // by a signal from outside
  bool is_asked_to_end_ = false;  // by a signal, when it did
  std::uint64_t asked_to_end_until_us_ = 0;
};

}  // namespace

Result<Finished> wait(const plan::Plan& plan, Running running) {
  Waiter waiter(plan, std::move(running));
  Result<Finished> finished = waiter.run();
  if (!finished && plan.is_without_namespaces) end_orphans();
  return finished;
}

}  // namespace kelp::launch
