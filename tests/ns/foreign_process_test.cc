// SPDX-License-Identifier: Apache-2.0
// Hooks, sysctls, schedulers and namespaces of others, in real containers.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "foreign_spec.h"

namespace kelp::launch {
namespace {

using testing::HasSubstr;

class ForeignProcess : public Foreign {
 protected:
  // A script that leaves what it was given in /out, or in its place on the machine.
  Hook hook(const std::string& name, const std::string& text, const std::string& out) {
    const std::string path = place_.file("hooks/" + name, cat("#!/bin/sh\nOUT=", out, "\n", text, "\n"));
    ::chmod(path.c_str(), 0755);
    return {.path = path, .args = {name, "word"}, .environment = {"PATH=/bin:/usr/bin", "KEY=value"}};
  }
  static void with_state(Spec& spec) {
    spec.hooks.state_before_pid = "{\"pid\":";
    spec.hooks.state_after_pid = "}";
  }
};

TEST_F(ForeignProcess, HooksRunInTheirOrderWhereTheyBelong) {
  Spec wanted = script("cat /out/order >/out/seen");
  with_state(wanted);
  wanted.hooks.prestart = {hook("pre", "echo pre >>$OUT/order; cat >$OUT/state", out_)};
  wanted.hooks.create_runtime = {
      hook("runtime", "echo runtime $KEY $1 >>$OUT/order; readlink /proc/self/ns/mnt >$OUT/ns", out_)};
  wanted.hooks.create_container = {
      hook("container",
           "echo container >>$OUT/order; cat >$OUT/state-in; readlink /proc/self/ns/mnt >$OUT/ns-in", out_)};
  place_.file("root/inner", "#!/bin/sh\necho inner >>/out/order\n");
  ::chmod((root_ + "/inner").c_str(), 0755);
  wanted.hooks.start_container = {{.path = "/inner", .environment = {"PATH=/bin"}}};
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("seen"), "pre\nruntime value word\ncontainer\ninner\n");
  EXPECT_THAT(read("state"), testing::MatchesRegex("[{]\"pid\":[0-9]+[}]"));
  EXPECT_EQ(read("state-in"), "{\"pid\":1}");
  EXPECT_NE(read("ns"), read("ns-in"));
}

TEST_F(ForeignProcess, AHookThatFailsEndsTheStart) {
  for (std::vector<Hook> Hooks::* const when :
       {&Hooks::prestart, &Hooks::create_runtime, &Hooks::create_container}) {
    Spec wanted = script("touch /out/begun");
    with_state(wanted);
    wanted.hooks.*when = {hook("bad", "echo this is bad; exit 3", out_)};
    EXPECT_EQ(run(wanted), 125);
    EXPECT_THAT(said(), HasSubstr("/hooks/bad: exit status 3: this is bad"));
    EXPECT_FALSE(std::filesystem::exists(out_ + "/begun"));
    std::filesystem::remove(place_.path() + "/said");
  }
}

TEST_F(ForeignProcess, AHookIsEndedAfterItsTimeAndOneThatIsNotThereIsNamed) {
  Spec wanted = script("true");
  with_state(wanted);
  Hook slow = hook("slow", "sleep 60", out_);
  slow.timeout_s = 1;
  wanted.hooks.create_runtime = {slow};
  EXPECT_EQ(run(wanted), 125);
  EXPECT_THAT(said(), HasSubstr("/hooks/slow: it was not done within 1 s"));
  std::filesystem::remove(place_.path() + "/said");
  wanted.hooks.create_runtime = {{.path = "/no/such/hook", .origin = {"hooks.createRuntime[0]"}}};
  EXPECT_EQ(run(wanted), 125);
  EXPECT_EQ(said(), "cannot run the hook /no/such/hook: No such file or directory (hooks.createRuntime[0])");
}

TEST_F(ForeignProcess, SysctlsAreThoseOfItsNamespaces) {
  Spec wanted =
      script("cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_unprivileged_port_start >/out/said");
  wanted.new_namespaces.add(Namespace::kNetwork);
  wanted.sysctls = {{.name = "kernel.msgmax", .value = "12345"},
                    {.name = "net.ipv4.ip_unprivileged_port_start", .value = "7"}};
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("said"), "12345\n7\n");
  wanted.sysctls = {{.name = "net.no.such", .value = "1", .origin = {"linux.sysctl"}}};
  EXPECT_EQ(run(wanted), 125);
  EXPECT_EQ(said(), "cannot set the sysctl net.no.such to 1: No such file or directory (linux.sysctl)");
}

TEST_F(ForeignProcess, SchedulersAreTold) {
  Spec wanted = script(
      "cat /proc/self/oom_score_adj >/out/oom; grep Cpus_allowed_list /proc/self/status >/out/cpus; "
      "cut -d' ' -f19,41 /proc/self/stat >/out/nice");
  wanted.command.scheduling.oom_score_adj = 567;
  wanted.command.scheduling.final_cpus = {0};
  wanted.command.scheduling.scheduler = Scheduler{.policy = 3 /* SCHED_BATCH */, .nice = 5};
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("oom"), "567\n");
  EXPECT_EQ(read("cpus"), "Cpus_allowed_list:\t0\n");
  EXPECT_EQ(read("nice"), "5 3\n");
}

TEST_F(ForeignProcess, NamespacesOfOthersAreJoined) {
  if (!has_rights()) GTEST_SKIP() << "not for this identity: needs rights over namespaces";
  const pid_t other = ::fork();
  if (other == 0) {
    if (::unshare(CLONE_NEWUTS | CLONE_NEWIPC) != 0 || ::sethostname("shared", 6) != 0) ::_exit(1);
    ::sleep(60);
    ::_exit(0);
  }
  ::usleep(200'000);
  Spec wanted = script("hostname >/out/name; readlink /proc/self/ns/ipc >/out/ipc");
  wanted.new_namespaces.remove(Namespace::kUts);
  wanted.new_namespaces.remove(Namespace::kIpc);
  for (const auto& [kind, file] : {std::pair{Namespace::kUts, "uts"}, {Namespace::kIpc, "ipc"}})
    wanted.joined_namespaces.push_back({.kind = kind, .path = cat("/proc/", other, "/ns/", file)});
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("name"), "shared\n");
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
}

TEST_F(ForeignProcess, WhatIsNoNamespaceOfThatKindIsRefused) {
  Spec wanted = script("true");
  wanted.joined_namespaces = {
      {.kind = Namespace::kNetwork, .path = "/proc/self/ns/uts", .origin = {"linux.namespaces[3]"}}};
  EXPECT_EQ(run(wanted), 125);
  EXPECT_EQ(said(),
            "cannot join the network namespace /proc/self/ns/uts: it is no network namespace "
            "(linux.namespaces[3])");
}

TEST_F(ForeignProcess, NetworkDevicesGoIn) {
  Spec wanted = script("cat /proc/net/dev >/out/devices; cat /sys/class/net/inner/flags >/out/flags");
  wanted.new_namespaces.add(Namespace::kNetwork);
  add(wanted, PlainMount{.type = "sysfs", .source = "sysfs", .to = "/sys"});
  wanted.net_devices = {
      {.host_name = "kelp-none", .name = "inner", .origin = {"linux.netDevices.kelp-none"}}};
  EXPECT_EQ(run(wanted), 125);
  EXPECT_EQ(said(),
            "cannot move the network device kelp-none into the container: No such device "
            "(linux.netDevices.kelp-none)");
  if (!has_rights()) return;
  // In a network of our own, which nobody else sees.
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::unshare(CLONE_NEWNET) != 0 || std::system("ip tuntap add dev kelp0 mode tap") != 0) ::_exit(99);
    wanted.net_devices = {{.host_name = "kelp0", .name = "inner"}};
    ::_exit(run(wanted));
  }
  int status = -1;
  ::waitpid(pid, &status, 0);
  ASSERT_NE(WEXITSTATUS(status), 99) << "no device can be made here";
  EXPECT_EQ(WEXITSTATUS(status), 0) << said();
  EXPECT_THAT(read("devices"), HasSubstr("inner:"));
  EXPECT_EQ(std::stoi(read("flags"), nullptr, 16) & 1, 1) << "it is up";
}

TEST_F(ForeignProcess, WhatLayThereIsCopiedUp) {
  place_.file("root/var/kept/a/file", "text");
  place_.link("root/var/kept/link", "/elsewhere");
  ::chmod((root_ + "/var/kept/a").c_str(), 01750);
  Spec wanted = script(
      "cat /var/kept/a/file >/out/said; readlink /var/kept/link >>/out/said; stat -c %a /var/kept/a "
      ">>/out/said; "
      "touch /var/kept/new");
  add(wanted, PlainMount{.type = "tmpfs", .source = "tmpfs", .to = "/var/kept", .copy_up = true});
  EXPECT_EQ(run(wanted), 0) << said();
  EXPECT_EQ(read("said"), "text/elsewhere\n1750\n");
  EXPECT_FALSE(std::filesystem::exists(root_ + "/var/kept/new"));
}

}  // namespace
}  // namespace kelp::launch
