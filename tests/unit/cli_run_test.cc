// SPDX-License-Identifier: Apache-2.0
// `kelp run`: what the flags about the root, mounts, namespaces and ids make of the Spec.
// The values of mounts, ids and variables have tests of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "base/text.h"
#include "cli/defaults.h"
#include "cli/run.h"
#include "unit/cli_read.h"

namespace kelp::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ReadRun, GivesTheDefaultsOfTheManual) {
  const Spec got = spec({});
  for (const Namespace kind : {Namespace::kUser, Namespace::kMount, Namespace::kPid, Namespace::kIpc,
                               Namespace::kUts, Namespace::kCgroup}) {
    EXPECT_TRUE(got.new_namespaces.has(kind));
  }
  EXPECT_FALSE(got.new_namespaces.has(Namespace::kNetwork));
  EXPECT_FALSE(got.new_namespaces.has(Namespace::kTime));
  EXPECT_THAT(got.mounts,
              ElementsAre(Mount{.what = Proc{.to = "/proc"}}, Mount{.what = Devices{.to = "/dev"}},
                          Mount{.what = Sysfs{.to = "/sys"}},
                          Mount{.what = Cgroup{.to = "/sys/fs/cgroup", .optional = true}},
                          Mount{.what = NetworkFile{.path = "/etc/resolv.conf"}},
                          Mount{.what = NetworkFile{.path = "/etc/hosts"}}));
  EXPECT_EQ(got.ids, Ids{});
  EXPECT_TRUE(got.mask_real_root);
  EXPECT_FALSE(got.loopback_up);
  const Command& command = got.command;
  EXPECT_EQ(
      capability_names(command.capabilities.root),
      "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,sys_chroot,setfcap");
  EXPECT_EQ(command.capabilities.any_user, 0U);
  EXPECT_FALSE(command.new_privileges);
  EXPECT_EQ(command.pid1, Pid1::kReaper);
  EXPECT_EQ(command.terminal, TerminalMode::kAuto);
  EXPECT_TRUE(command.new_session && command.new_keyring && command.die_with_parent);
  EXPECT_FALSE(command.keep_own_ids);
  EXPECT_TRUE(command.environment.from_root);
  EXPECT_THAT(command.environment.entries,
              ElementsAre("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                          "TERM=xterm"));
  EXPECT_EQ(command.default_shell, "/bin/zsh");
  EXPECT_THAT(command.preserved_fds, IsEmpty());
  EXPECT_EQ(got.report_fd, -1);
}

TEST(ReadRun, TakesRootAndCommand) {
  const Result<RunRequest> request = read({"./debian", "ls", "-l", "--", "x\ny"});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->spec.root.what,
            (std::variant<DirectoryRoot, HostRoot, EmptyRoot>(DirectoryRoot{.path = "./debian"})));
  EXPECT_EQ(request->spec.root.origin.text, "./debian");
  EXPECT_THAT(request->spec.command.argv, ElementsAre("ls", "-l", "--", "x\ny"));
  EXPECT_THAT(read({"--", ".", "--", "-v"})->spec.command.argv, ElementsAre("-v"));
  EXPECT_THAT(read({"/", "--", "--"})->spec.command.argv, ElementsAre("--"));
  EXPECT_THAT(read({"--", "empty", "-x"})->spec.command.argv, ElementsAre("-x"));
  EXPECT_THAT(read({"empty"})->spec.command.argv, IsEmpty());
  EXPECT_TRUE(std::holds_alternative<EmptyRoot>(read({"empty"})->spec.root.what));
}

TEST(ReadRun, RefusesImagesAndSaysHowADirectoryIsWritten) {
  EXPECT_EQ(refusal({"debian:12", "true"}),
            "cannot use image debian:12 as a root file system: images are not supported by this version");
  EXPECT_EQ(hint({"debian"}), "for a directory write its path: ./debian");
  EXPECT_THAT(refusal({"oci:/tmp/x:latest"}), HasSubstr("images are not supported"));
  EXPECT_EQ(refusal({""}), "cannot use '' as a root file system: ROOT is empty");
  EXPECT_EQ(refusal({}), "cannot run a command: ROOT is missing");
}

TEST(ReadRun, SaysWhatBecameOfRoot) {
  EXPECT_EQ(hint({"--env", "host", "id"}), "--env took 'host' as its value; ROOT comes after that");
  EXPECT_EQ(hint({"--seccomp", "host", "true"}), "--seccomp took 'host' as its value; ROOT comes after that");
  EXPECT_EQ(hint({"-e", "empty"}), "-e took 'empty' as its value; ROOT comes after that");
  EXPECT_EQ(hint({"-e", "host", "--read-only", "id"}), "for a directory write its path: ./id");
  EXPECT_EQ(hint({"--landlock", "files", "host", "true"}),
            "an optional value follows an equals sign: --landlock=files");
  EXPECT_EQ(hint({"-t", "never", "host"}), "an optional value follows an equals sign: -t=never");
  EXPECT_EQ(hint({"--landlock=files", "files"}), "for a directory write its path: ./files");
  EXPECT_EQ(hint({"hots", "id"}), "did you mean host?");
  EXPECT_EQ(hint({"Empty", "id"}), "did you mean empty?");
  Surroundings around = cli::around();
  around.is_there = [](const std::string& path) { return path == "hots"; };
  EXPECT_EQ(read_run(Words{"hots", "id"}, around).error().hint(), "for a directory write its path: ./hots");
}

TEST(ReadRun, RefusesAFlagAfterRoot) {
  EXPECT_EQ(refusal({"host", "--network=none", "true"}),
            "cannot use --network=none after ROOT: flags end at ROOT");
  EXPECT_EQ(hint({"host", "-v"}), "write it before host, or -- before a command of that name");
}

TEST(ReadRun, RunsOnTheHostAsOneselfUnlessAnotherIsAskedFor) {
  const Spec host = read({"host"})->spec;
  EXPECT_EQ(host.ids.map, (decltype(Ids::map)(KeepId{.with_ranges = false})));
  EXPECT_TRUE(host.command.keep_own_ids);
  const Spec root = read({"-u", "0", "host"})->spec;
  EXPECT_EQ(root.ids, Ids{});
  EXPECT_FALSE(root.command.keep_own_ids);
  const Spec automatic = read({"--userns=auto", "host"})->spec;
  EXPECT_EQ(automatic.ids, Ids{});
  EXPECT_FALSE(automatic.command.keep_own_ids);
}

TEST(ReadRun, BareHasNothingButTheRoot) {
  const Spec got = spec({"--network=none", "--bare"});
  NamespaceSet want;
  want.add(Namespace::kNetwork);
  EXPECT_EQ(got.new_namespaces, want);
  EXPECT_THAT(got.mounts, IsEmpty());
  EXPECT_EQ(got.command.pid1, Pid1::kCommand);
  EXPECT_EQ(got.command.capabilities.root, default_capabilities());
  EXPECT_EQ(spec({"--bare", "--unshare=pid", "--init"}).command.pid1, Pid1::kReaper);
  EXPECT_THAT(spec({"--bare", "--unshare=pid", "--proc=new", "--dev=auto"}).mounts,
              ElementsAre(Mount{.what = Proc{.to = "/proc", .mode = ProcMode::kNew}},
                          Mount{.what = Devices{.to = "/dev"}}));
}

TEST(ReadRun, BareNamesTheNamespaceThatAFlagNeeds) {
  struct Case {
    const char *flag, *lacks, *adds;
  };
  for (const Case& one : {Case{"--hostname=x", "uts namespace", "--unshare=uts"},
                          Case{"--domainname=x", "uts namespace", "--unshare=uts"},
                          Case{"--init", "pid namespace", "--unshare=pid"},
                          Case{"--proc=new", "pid namespace", "--unshare=pid"},
                          Case{"--proc=pids", "pid namespace", "--unshare=pid"},
                          Case{"--mount=type=proc,dst=/p,mode=new", "pid namespace", "--unshare=pid"},
                          Case{"--mount=type=cgroup,dst=/c", "cgroup namespace", "--unshare=cgroup"},
                          Case{"--tty", "/dev", "--dev=auto"}}) {
    const Result<RunRequest> got = read({"--bare", one.flag, "/root"});
    ASSERT_FALSE(got) << one.flag;
    EXPECT_EQ(got.error().sentence(), cat("cannot use ", one.flag, ": --bare makes no ", one.lacks));
    EXPECT_EQ(got.error().hint(), cat("add ", one.adds));
    EXPECT_TRUE(read({"--bare", one.flag, one.adds, "/root"})) << one.flag << " with what the hint says";
  }
  EXPECT_TRUE(read({"--bare", "--mount=type=dev,dst=/dev", "--tty", "/root"}));
  EXPECT_TRUE(read({"--bare", "--share=uts", "--hostname=x", "/root"})) << "check() refuses it";
}

TEST(ReadRun, MountsInTheOrderOfTheCommandLineAfterItsOwn) {
  const Spec got = spec({"--tmpfs=/a", "-v", "/x:/b", "--hide", "/c", "--file=3:/d", "--symlink=x:/e",
                         "--dir=/f", "--mount=type=tmpfs,dst=/g", "-v/x:/h"});
  std::vector<std::string> to;
  for (const Mount& mount : got.mounts) to.push_back(destination_of(mount));
  EXPECT_THAT(to, ElementsAre("/proc", "/dev", "/sys", "/sys/fs/cgroup", "/etc/resolv.conf", "/etc/hosts",
                              "/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"));
  EXPECT_EQ(got.mounts[7].origin.text, "-v /x:/b");
  EXPECT_EQ(got.mounts[8].origin.text, "--hide /c");
}

TEST(ReadRun, ReadsTheFlagsOfTheRoot) {
  EXPECT_TRUE(spec({"--read-only"}).root.read_only);
  EXPECT_THAT(spec({"--read-only"}).mounts, Contains(Mount{.what = Tmpfs{.to = "/var/tmp", .mode = 01777}}));
  EXPECT_FALSE(has_mount<Tmpfs>(spec({"--read-only=false"})));
  EXPECT_EQ(spec({"--overlay"}).root.overlay, Overlay{});
  EXPECT_EQ(spec({"--overlay=/k"}).root.overlay, Overlay{.kept = "/k"});
  EXPECT_EQ(spec({"--overlay=true"}).root.overlay, Overlay{});
  EXPECT_EQ(spec({"--overlay=false"}).root.overlay, std::nullopt) << "no layer of that name";
  EXPECT_EQ(spec({"--overlay-src=/a", "--overlay=/k", "--overlay=false"}).root.overlay, std::nullopt);
  EXPECT_EQ(spec({"--overlay=./false"}).root.overlay, Overlay{.kept = "./false"});
  const Overlay two{.lowers = {"/a", "/b"}};
  EXPECT_EQ(spec({"--overlay-src=/a", "--overlay-src", "/b"}).root.overlay, two);
}

TEST(ReadRun, HereComesBeforeWhatTheUserMountsBelowIt) {
  const Spec here = spec({"--hide=/project/.env", "--here"});
  const auto bind = std::find(here.mounts.begin(), here.mounts.end(),
                              Mount{.what = Bind{.from = "/project", .to = "/project"}});
  ASSERT_NE(bind, here.mounts.end());
  EXPECT_EQ(bind->origin.text, "--here");
  EXPECT_LT(bind,
            std::find(here.mounts.begin(), here.mounts.end(), Mount{.what = Hide{.path = "/project/.env"}}));
  EXPECT_EQ(here.command.directory, "/project");
  EXPECT_EQ(spec({"--here", "--workdir=/tmp"}).command.directory, "/tmp");
  EXPECT_EQ(spec({"--here=false"}).command.directory, std::nullopt);
}

TEST(ReadRun, HereOfNowhereOrEverywhereIsRefused) {
  for (const auto& [directory, reason] :
       {std::pair{"", "it has no path"}, {"/", "it is the whole machine"}}) {
    const std::vector<std::string> words = {"--here", "./root"};
    const Result<RunRequest> request = read_run(words, {.working_directory = directory});
    ASSERT_FALSE(request);
    EXPECT_THAT(request.error().reason(), HasSubstr(reason));
  }
}

TEST(ReadRun, ReadsWhichOfItsOwnMountsToMake) {
  EXPECT_FALSE(has_mount<Proc>(spec({"--proc=none"})));
  EXPECT_THAT(spec({"--proc=host"}).mounts,
              Contains(Mount{.what = Proc{.to = "/proc", .mode = ProcMode::kHost}}));
  EXPECT_THAT(refusal_of({"--proc=old"}), HasSubstr("'old' is none of auto, new, pids, host, none"));
  EXPECT_FALSE(has_mount<Sysfs>(spec({"--sys=none"})) || has_mount<Cgroup>(spec({"--sys=none"})));
  EXPECT_FALSE(has_mount<Devices>(spec({"--dev=none"})));
  EXPECT_THAT(refusal_of({"--dev=host"}), HasSubstr("'host' is none of none, auto"));
  EXPECT_EQ(spec({"--propagation=slave"}).propagation, MountPropagation::kSlave);
  EXPECT_EQ(spec({"--propagation", "shared"}).propagation, MountPropagation::kShared);
  EXPECT_FALSE(has_mount<Cgroup>(spec({"--share=cgroup"})));
}

TEST(ReadRun, ReadsNamespaces) {
  EXPECT_TRUE(spec({"--network=none"}).new_namespaces.has(Namespace::kNetwork));
  EXPECT_TRUE(spec({"--net=none"}).loopback_up);
  EXPECT_TRUE(spec({"--unshare=network,time"}).new_namespaces.has(Namespace::kTime));
  EXPECT_FALSE(has_mount<NetworkFile>(spec({"--network=none"})));
  EXPECT_FALSE(spec({"--share", "ipc,uts"}).new_namespaces.has(Namespace::kIpc));
  EXPECT_FALSE(spec({"--network=host"}).new_namespaces.has(Namespace::kNetwork));
  EXPECT_EQ(spec({"--time-offset=monotonic=-5,boottime=7"}).time_offsets,
            (TimeOffsets{.monotonic_s = -5, .boottime_s = 7}));
  EXPECT_TRUE(spec({"--time-offset=boottime=7"}).new_namespaces.has(Namespace::kTime));
}

TEST(ReadRun, RefusesNamespacesWithTheReason) {
  EXPECT_EQ(refusal_of({"--share=user"}),
            "cannot use --share=user: without a user namespace of its own a container needs root");
  EXPECT_THAT(refusal_of({"--share", "mount"}), HasSubstr("without a mount namespace"));
  EXPECT_THAT(refusal_of({"--unshare=foo"}), HasSubstr("'foo' is no namespace"));
  EXPECT_EQ(refusal_of({"--network=none", "--share=network"}),
            "cannot use --share=network: it contradicts --network=none");
  EXPECT_THAT(refusal_of({"--network=bridge"}), HasSubstr("'bridge' is none of host, none, "));
  EXPECT_THAT(refusal_of({"--time-offset=realtime=1"}), HasSubstr("'realtime=1' is neither"));
  EXPECT_THAT(refusal_of({"--time-offset=boottime=1.5"}), HasSubstr("'1.5' is no number of seconds"));
}

TEST(ReadRun, HasNoReaperWithoutAPidNamespace) {
  EXPECT_EQ(spec({"--share=pid"}).command.pid1, Pid1::kCommand);
  EXPECT_EQ(refusal_of({"--share=pid", "--init"}),
            "cannot use --init: without a pid namespace of its own there is no PID 1");
  EXPECT_EQ(spec({"--no-init"}).command.pid1, Pid1::kCommand);
  EXPECT_EQ(spec({"--no-init", "--init"}).command.pid1, Pid1::kReaper);
}

TEST(ReadRun, HasTheKindOfPid1ThatWasAskedFor) {
  EXPECT_EQ(spec({}).command.pid1, Pid1::kReaper);
  EXPECT_EQ(spec({"--init=auto"}).command.pid1, Pid1::kReaper);
  EXPECT_EQ(spec({"--init=enterable"}).command.pid1, Pid1::kEnterableReaper);
  EXPECT_EQ(spec({"--init=enterable", "--no-init"}).command.pid1, Pid1::kCommand);
  EXPECT_EQ(spec({"--init=false"}).command.pid1, Pid1::kCommand);
  EXPECT_EQ(spec({"--no-init=false"}).command.pid1, Pid1::kReaper);
  EXPECT_EQ(spec({"--init=enterable"}).origins.init.text, "--init=enterable");
  EXPECT_EQ(refusal_of({"--init=tini"}), "cannot read --init=tini: 'tini' is none of auto, enterable");
  EXPECT_EQ(refusal_of({"--share=pid", "--init=enterable"}),
            "cannot use --init=enterable: without a pid namespace of its own there is no PID 1");
}

TEST(ReadRun, ReadsIds) {
  EXPECT_EQ(spec({"--userns=keep-id"}).ids.map, (decltype(Ids::map)(KeepId{})));
  EXPECT_TRUE(spec({"--userns=keep-id"}).command.keep_own_ids);
  EXPECT_FALSE(spec({"--userns=keep-id", "-u", "5"}).command.keep_own_ids);
  EXPECT_EQ(spec({"-u", "bob:7"}).command.user, (User{.user = "bob", .group = Id{7}, .origin = {}}));
  EXPECT_EQ(spec({"--user=5"}).command.user.origin.text, "--user=5");
  EXPECT_EQ(spec({"--keep-groups"}).command.groups, Groups::kKeep);
}

}  // namespace
}  // namespace kelp::cli
