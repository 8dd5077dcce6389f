// SPDX-License-Identifier: Apache-2.0
// Kelp's own program file inside a container: whoever got it executed from a writable place would have a
// writable /proc/PID/exe of it, and with it everybody who starts kelp (CVE-2019-5736).
#include <elf.h>
#include <fcntl.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <thread>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kReason[] = "is kelp's own program, shared writable";

// A user's own copy of kelp, as in ~/bin, and a root in which /x leads to the program that is being executed.
class OwnProgram : public testing::Test {
 protected:
  OwnProgram() : root_(make_small_root(place_)) {
    kelp_ = place_.dir("bin") + "/kelp";
    std::filesystem::copy_file(kelp_binary(), kelp_);
    place_.link("root/x", "/proc/self/exe");
  }

  Outcome start(const Argv& options, const std::string& command) {
    Argv words = {kelp_, "run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {root_, command, "--version"});
    return run(words);
  }

  void expect_refusal(const Argv& options, const std::string& command) {
    const Outcome outcome = start(options, command);
    EXPECT_EQ(outcome.status, 126) << command << outcome.out << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(kReason)) << command;
  }

  TempDir place_;
  std::string root_;
  std::string kelp_;
};

TEST_F(OwnProgram, IsNotExecutedByAnyOfItsNames) {
  place_.link("root/link", "/kb/kelp");
  place_.link("root/bin/true2", "../link");
  const Argv share = {"-v", place_.path() + "/bin:/kb"};
  for (const char* name : {"/kb/kelp", "/link", "true2", "/proc/self/exe", "/proc/thread-self/exe", "/x",
                           "/proc/self/../self/exe"})
    expect_refusal(share, name);
}

TEST_F(OwnProgram, IsNotExecutedAsAHardLink) {
  std::filesystem::create_hard_link(kelp_, root_ + "/bin/hard");
  expect_refusal({}, "hard");
}

TEST_F(OwnProgram, IsNotExecutedByAScriptHoweverShort) {
  place_.file("root/long", "#!/proc/self/exe --version\n", 0755);
  place_.file("root/short", "#!/x", 0755);
  place_.file("root/blank", "#! \t/x\t-v\n", 0755);
  place_.file("root/zero", std::string("#!/x\0garbage\n", 13), 0755);
  for (const char* name : {"/long", "/short", "/blank", "/zero"}) expect_refusal({}, name);
}

TEST_F(OwnProgram, IsNotExecutedByAScriptThatNamesItRelatively) {
  place_.file("root/relative", "#!exe\n", 0755);
  expect_refusal({"-w", "/proc/self"}, "/relative");
}

TEST_F(OwnProgram, IsNotExecutedByAChainOfScripts) {
  // The kernel follows five.
  place_.file("root/1", "#!/x\n", 0755);
  for (int i = 2; i <= 5; ++i)
    place_.file("root/" + std::to_string(i), "#!/" + std::to_string(i - 1) + "\n", 0755);
  for (int i = 1; i <= 5; ++i) expect_refusal({}, "/" + std::to_string(i));
}

TEST_F(OwnProgram, AChainOfScriptsOfThatLengthIsExecutedByTheKernel) {
  place_.file("root/1", "#!/bin/busybox true\n", 0755);
  for (int i = 2; i <= 5; ++i)
    place_.file("root/" + std::to_string(i), "#!/" + std::to_string(i - 1) + "\n", 0755);
  EXPECT_THAT(start({}, "/5"), Works()) << "else the test above would prove nothing";
}

TEST_F(OwnProgram, IsNotExecutedAsAnElfInterpreterWhereverThatIsNamed) {
  // A 64-bit ELF file whose only program header, and the name in it, lie behind the first pages.
  const auto elf = [](std::uint64_t headers_at, char file_class) {
    std::string file(headers_at + 56 + 3, '\0');
    const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
      for (std::size_t i = 0; i < size; ++i) file[at + i] = static_cast<char>(value >> (8 * i));
    };
    file.replace(0, 7,
                 "\x7f"
                 "ELF\x02\x01\x01");
    file[4] = file_class;
    put(16, 2, 2);   // an executable
    put(18, 62, 2);  // x86-64
    put(20, 1, 4);
    put(32, headers_at, 8);
    put(52, 64, 2);
    put(54, 56, 2);
    put(56, 1, 2);
    put(headers_at, 3, 4);  // PT_INTERP
    put(headers_at + 8, headers_at + 56, 8);
    put(headers_at + 32, 3, 8);
    file.replace(headers_at + 56, 2, "/x");
    return file;
  };
  for (const std::uint64_t at : {64U, 4040U, 8192U, 100'000U}) {
    place_.file("root/elf", elf(at, ELFCLASS64), 0755);
    expect_refusal({}, "/elf");
  }
  // The kernel goes by the machine.
  place_.file("root/elf", elf(64, ELFCLASS32), 0755);
  expect_refusal({}, "/elf");
}

// Whoever shares the root can exchange what is executed between kelp's look and the execve.
TEST_F(OwnProgram, IsNotExecutedByWhoeverIsQuicker) {
  const std::string good = place_.file("root/job", "#!/bin/sh\nexit 0\n", 0755);
  const std::string bad = place_.file("root/other", "#!/proc/self/exe\n", 0755);
  std::atomic<bool> is_over = false;
  std::thread quick([&] {
    while (!is_over) ::renameat2(AT_FDCWD, good.c_str(), AT_FDCWD, bad.c_str(), RENAME_EXCHANGE);
  });
  std::map<int, int> endings;
  for (int i = 0; i < tries(60); ++i) {
    const Outcome outcome = start({}, "/job");
    ++endings[outcome.status];
    // kelp, executed as an interpreter, would take the script for a verb.
    EXPECT_THAT(outcome.err, Not(HasSubstr("verb")));
  }
  is_over = true;
  quick.join();
  EXPECT_GT(endings[0], 0) << "the good script was never executed";
  EXPECT_GT(endings[126], 0) << "the bad one was never seen";
}

// That last execve is made from kelp-exec where the container may write to kelp's file, and only there.
TEST_F(OwnProgram, IsNotWhatExecutesWhereItMayBeWrittenTo) {
  KELP_ONLY_AS("the machine's root may write to every kelp, and a trace needs one user namespace", "user",
               "noranges");
  const auto executions = [&](const std::string& kelp) {
    const std::string trace = place_.path() + "/trace";
    // LeakSanitizer cannot work under a tracer.
    const Outcome outcome = run({"strace", "-f", "-e", "trace=execve,execveat", "-o", trace, kelp, "run",
                                 "--userns=single", root_, "true"},
                                {.env = {"ASAN_OPTIONS=detect_leaks=0"}});
    EXPECT_THAT(outcome, Works()) << outcome.err;
    return read_file(trace);
  };
  EXPECT_THAT(executions(kelp_), HasSubstr("execveat("));
  const std::string of_tested = executions(kelp_binary());
  if (may_write_kelp()) {
    EXPECT_THAT(of_tested, HasSubstr("execveat("));
  } else {
    EXPECT_THAT(of_tested, Not(HasSubstr("execveat("))) << "the fast way, kelp being another's";
  }
}

TEST_F(OwnProgram, TellsWhyACommandCannotBeExecutedAllTheSame) {
  place_.file("root/garbage", "garbage", 0755);
  place_.file("root/closed", "#!/bin/sh\n", 0644);
  place_.file("root/orphan", "#!/nowhere\n", 0755);
  for (const std::string& kelp : {kelp_, kelp_binary()}) {
    const auto told = [&](const std::string& command) {
      const Outcome outcome = run({kelp, "run", root_, command});
      return std::to_string(outcome.status) + " " + outcome.err;
    };
    EXPECT_EQ(told("/nothing"), "127 kelp: cannot execute /nothing: No such file or directory\n");
    EXPECT_EQ(told("nothing"),
              "127 kelp: cannot find nothing: there is no such program in the container's PATH\n");
    EXPECT_EQ(told("/garbage"), "126 kelp: cannot execute /garbage: Exec format error\n");
    EXPECT_EQ(told("/closed"), "126 kelp: cannot execute /closed: Permission denied\n");
    EXPECT_EQ(told("/bin"), "126 kelp: cannot execute /bin: Is a directory\n");
    EXPECT_EQ(told("/orphan"),
              "126 kelp: cannot execute /orphan: its interpreter /nowhere does not exist in the root\n");
  }
}

// The command's limits are not those of what kelp still has to do.
TEST_F(OwnProgram, ExecutesUnderTheLimitsOfTheCommand) {
  for (const std::string& kelp : {kelp_, kelp_binary()}) {
    const auto told = [&](const Argv& limits) {
      Argv words = {kelp, "run"};
      words.insert(words.end(), limits.begin(), limits.end());
      words.insert(words.end(), {root_, "sh", "-c", "ulimit -f; ulimit -n"});
      const Outcome outcome = run(words);
      return outcome.out + outcome.err;
    };
    EXPECT_THAT(told({"--ulimit=fsize=0"}), testing::StartsWith("0\n"));
    EXPECT_THAT(told({"--ulimit=fsize=1024"}), testing::StartsWith("2\n")) << "in blocks of 512 bytes";
    EXPECT_THAT(told({"--ulimit=nofile=5:5"}), testing::EndsWith("\n5\n"));
    EXPECT_THAT(told({"--ulimit=nofile=4:4", "--ulimit=fsize=0"}), testing::StartsWith("0\n4\n"));
    const Outcome dynamic = run({kelp, "run", "--ulimit=nofile=5:5", "host", "true"});
    EXPECT_THAT(dynamic, Works()) << dynamic.err;
  }
}

// access(2) would go by the real user, and leave its capabilities out.
TEST_F(OwnProgram, ExecutesWhatTheUsersCapabilitiesAllow) {
  KELP_ONLY_AS("it takes a second id", "user", "root");
  place_.file("root/bin/closed", "#!/bin/sh\necho ran\n", 0700);
  for (const std::string& kelp : {kelp_, kelp_binary()}) {
    const Argv as_user = {kelp, "run", "--userns=auto", "--user=1000"};
    const auto start = [&](const Argv& more) {
      Argv words = as_user;
      words.insert(words.end(), more.begin(), more.end());
      words.insert(words.end(), {root_, "closed"});
      return run(words);
    };
    const Outcome outcome = start({"--cap-add=dac_override"});
    EXPECT_EQ(outcome.out, "ran\n") << outcome.err;
    EXPECT_EQ(start({}).err, "kelp: cannot execute /bin/closed: Permission denied\n") << "the control";
  }
}

TEST_F(OwnProgram, IsExecutedFromAReadOnlyPlace) {
  const Outcome outcome =
      run({kelp_, "run", "-v", place_.path() + "/bin:/tmp/kb:ro", "host", "/tmp/kb/kelp", "--version"});
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_THAT(outcome.out, testing::StartsWith("kelp "));
}

TEST_F(OwnProgram, ACopyOfItIsExecutedFromAnywhere) {
  std::filesystem::copy_file(kelp_, place_.dir("copy") + "/kelp");
  const Outcome outcome =
      run({kelp_, "run", "-v", place_.path() + "/copy:/tmp/kb", "host", "/tmp/kb/kelp", "--version"});
  EXPECT_THAT(outcome, Works()) << outcome.err;
}

TEST_F(OwnProgram, CannotBeOpenedForWritingByPidOnesLink) {
  for (const char* init : {"--init=auto", "--init=enterable"}) {
    const Outcome outcome =
        run({kelp_, "run", init, root_, "sh", "-c", "echo x >/proc/1/exe; echo x >>/proc/1/exe"});
    EXPECT_NE(outcome.status, 0) << init;
    EXPECT_THAT(outcome.err, HasSubstr("/proc/1/exe: Permission denied")) << init;
    EXPECT_EQ(read_file(kelp_), read_file(kelp_binary())) << init;
  }
}

}  // namespace
}  // namespace kelp::harness
