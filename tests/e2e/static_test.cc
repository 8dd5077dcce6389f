// SPDX-License-Identifier: Apache-2.0
// The statically linked kelp: it makes the same mounts as the other, and refuses by name what needs a
// library.
#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

class StaticKelp : public testing::Test {
 protected:
  void SetUp() override {
    kelp_ = kelp_binary() + "-static";
    KELP_REQUIRE(std::filesystem::exists(kelp_), "no kelp-static: a sanitized build, or no static C library");
  }
  TempDir place_;
  std::string kelp_;
};

// Numbers of mounts and devices are the kernel's, sizes may follow what is free.
constexpr char kView[] =
    "sed -E 's/^[0-9]+ [0-9]+ [0-9]+:[0-9]+ //; s/ (master|shared):[0-9]+//; "
    "s/,size=[0-9]+k|,nr_inodes=[0-9]+//g' "
    "/proc/self/mountinfo; id; ls -A / /dev; cat /proc/self/uid_map; grep -E '^(Cap|NoNewPrivs|Seccomp:)' "
    "/proc/self/status";

TEST_F(StaticKelp, MakesTheMountsThatTheOtherMakes) {
  place_.dir("share");
  const std::string share = place_.path() + "/share";
  for (const Argv& options :
       {Argv{}, Argv{"--network=none", "--tmpfs=/tmp:size=1m"}, Argv{"--read-only"}, Argv{"--overlay"},
        Argv{"--userns=single", "-v", share + ":/mnt", "--hide=/mnt"}, Argv{"--propagation=slave"},
        Argv{"--bare", "--proc=host"}, Argv{"--init=enterable"}}) {
    const auto view = [&](const std::string& program) {
      Argv words = {program, "run"};
      words.insert(words.end(), options.begin(), options.end());
      words.insert(words.end(), {small_root(), "sh", "-c", kView});
      return run(words);
    };
    const Outcome with_loader = view(kelp_binary());
    const Outcome without = view(kelp_);
    EXPECT_EQ(without.out, with_loader.out) << testing::PrintToString(options);
    EXPECT_EQ(without.err, with_loader.err) << testing::PrintToString(options);
    EXPECT_EQ(without.status, with_loader.status);
    EXPECT_THAT(without.out, HasSubstr("CapEff")) << without.err;
  }
}

TEST_F(StaticKelp, NeedsNoLibraryAndLoadsNone) {
  EXPECT_THAT(run({"sh", "-c", "LC_ALL=C ldd \"$0\" 2>&1; true", kelp_}).out,
              testing::AnyOf(HasSubstr("statically linked"), HasSubstr("not a dynamic executable")));
  const std::string profile = place_.file("profile.json", R"({"defaultAction": "SCMP_ACT_ALLOW"})");
  const Outcome outcome = run({kelp_, "run", "--seccomp=" + profile, small_root(), "true"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err,
              HasSubstr("this kelp is linked statically and loads no library, so not libseccomp.so.2"));
  EXPECT_THAT(outcome.err, HasSubstr("hint: use a kelp that was built without KELP_STATIC"));
}

TEST_F(StaticKelp, IsBubblewrapByName) {
  const Outcome outcome = run({kelp_, "bwrap", "--bind", small_root(), "/", "--proc", "/proc",
                               "--unshare-pid", "sh", "-c", "echo $$; exit 7"});
  EXPECT_EQ(outcome.out, "2\n") << outcome.err;
  EXPECT_EQ(outcome.status, 7);
}

}  // namespace
}  // namespace kelp::harness
