// SPDX-License-Identifier: Apache-2.0
// The table of rows. Budgets are those of the design's section 8. Each contender of a row does comparable
// work; what one of them cannot do is told in README.md.
#include "rows.h"

namespace kelp::bench {
namespace {

// What several rows begin with. The floor has no options: its modes are what these ask for.
constexpr const char* kKelpMinimal = "kelp run --bare --userns=single --seccomp=none --fake-root=off ";
constexpr const char* kKelpFiltered = "kelp run --fake-root=off --network=none --tmpfs /tmp ";
constexpr const char* kKelpFull = "kelp run --network=none --tmpfs /tmp --seccomp=none --fake-root=off ";
// As -DKELP_STATIC=ON makes it, and as it is installed by the name of bwrap.
constexpr const char* kStaticMinimal =
    "kelp-static run --bare --userns=single --seccomp=none --fake-root=off ";
constexpr const char* kStaticFull =
    "kelp-static run --network=none --tmpfs /tmp --seccomp=none --fake-root=off ";
constexpr const char* kBwrapMinimal = "bwrap --unshare-user --uid 0 --gid 0 --bind {root} / ";
constexpr const char* kBwrapFull =
    "bwrap --unshare-all --uid 0 --gid 0 --bind {root} / --proc /proc --dev /dev --tmpfs /dev/shm"
    " --mqueue /dev/mqueue --tmpfs /tmp --die-with-parent --new-session --hostname bench --cap-drop ALL ";
constexpr const char* kUnshareFull =
    "unshare --mount --pid --fork --kill-child --ipc --uts --cgroup --net --root {root} --mount-proc --user ";

// bubblewrap reads at most 9,000 arguments: 2,900 binds are what it can be asked for.
constexpr int kMostBwrapBinds = 2900;

Contender contender(const char* name, const char* begin, const char* rest) {
  return {.name = name, .command = std::string(begin) + rest};
}

Row minimal_row() {
  return {.name = "minimal",
          .work = "start: user and mount namespace, pivot",
          .budgets = {{"floor", 1.5}, {"bwrap", 0.8}},
          .contenders = {
              {"floor", "floor minimal {root} /bin/true"},
              contender("kelp", kKelpMinimal, "{root} /bin/true"),
              contender("kelp, static", kStaticMinimal, "{root} /bin/true"),
              {"kelp, as bwrap", std::string("kelp-static ") + kBwrapMinimal + "/bin/true"},
              contender("bwrap", kBwrapMinimal, "/bin/true"),
              {"unshare", "unshare --user --map-root-user --mount --root {root} /bin/true"},
          }};
}

std::vector<Contender> full_contenders() {
  return {
      {"floor", "floor full {root} /bin/true"},
      contender("kelp", kKelpFull, "--userns=single {root} /bin/true"),
      contender("kelp, static", kStaticFull, "--userns=single {root} /bin/true"),
      {"kelp, as bwrap", std::string("kelp-static ") + kBwrapFull + "/bin/true"},
      contender("bwrap", kBwrapFull, "/bin/true"),
      contender("unshare", kUnshareFull, "--map-root-user /bin/true"),
  };
}

Row full_row() {
  Row row = {.name = "full",
             .work = "start: all namespaces, proc, dev, tmp, capabilities, session, reaper",
             .budgets = {{"floor", 1.4}, {"bwrap", 0.75}},
             .contenders = full_contenders()};
  row.contenders.insert(
      row.contenders.end(),
      {{"crun", "crun --root {state} --cgroup-manager=disabled run --bundle {bundle} bench"},
       {"runc", "runc --root {state} run --bundle {bundle} bench"},
       {"podman", "podman run --rm --network=none --cgroups=disabled --rootfs {root} /bin/true"}});
  return row;
}

Row range_row() {
  return {.name = "range",
          .work = "full, with the default range map (bwrap maps one id)",
          .budgets = {{"bwrap", 1.5}},
          .contenders =
              {
                  {"floor", "floor range {root} /bin/true"},
                  contender("kelp", kKelpFull, "{root} /bin/true"),
                  contender("bwrap", kBwrapFull, "/bin/true"),
                  contender("unshare", kUnshareFull, "--map-auto --map-root-user /bin/true"),
                  {"floor, one id", "floor full {root} /bin/true"},
                  contender("kelp, one id", kKelpFull, "--userns=single {root} /bin/true"),
              },
          .share_name = "newuidmap and newgidmap",
          .share_without = "one id"};
}

Row filter_row() {
  return {.name = "filter",
          .work = "full, with the default filter of system calls (the others have none)",
          .contenders =
              {
                  {"floor", "floor full {root} /bin/true"},
                  contender("kelp", kKelpFiltered, "--userns=single {root} /bin/true"),
                  contender("kelp, no filter", kKelpFull, "--userns=single {root} /bin/true"),
                  contender("bwrap", kBwrapFull, "/bin/true"),
              },
          .share_name = "the filter",
          .share_without = "no filter"};
}

Row covers_row() {
  return {.name = "covers",
          .work = "full, with one directory hidden (kelp locks what covers it, bwrap does not)",
          .contenders =
              {
                  {"floor", "floor full {root} /bin/true"},
                  contender("kelp", kKelpFull, "--userns=single --hide=/etc {root} /bin/true"),
                  contender("kelp, nothing hidden", kKelpFull, "--userns=single {root} /bin/true"),
                  contender("bwrap", kBwrapFull, "--tmpfs /etc /bin/true"),
              },
          .share_name = "the locked cover",
          .share_without = "nothing hidden"};
}

Row calls_row() {
  return {.name = "calls",
          .work = "the same, and 1,000,000 getppid: the difference in ms is that of a call in ns",
          .contenders =
              {
                  {"floor", "floor full {root} /bin/true calls 1000000"},
                  contender("kelp", kKelpFiltered, "--userns=single {root} /bin/true calls 1000000"),
                  contender("kelp, no filter", kKelpFull, "--userns=single {root} /bin/true calls 1000000"),
              },
          .share_name = "the filter",
          .share_without = "no filter"};
}

Row crowd_row() {
  return {.name = "starts-64",
          .work = "full, 64 started at once, until the last one has ended",
          .at_once = 64,
          .contenders = full_contenders()};
}

std::vector<Contender> bind_contenders() {
  return {{"floor", "floor binds {n} {sources} {root} /bin/true"},
          contender("kelp", kKelpMinimal, "{-v} {root} /bin/true")};
}

Row bind_row(const char* name, const char* work, int binds, std::vector<Budget> budgets = {}) {
  budgets.push_back({"floor", 2});
  Row row = {.name = name,
             .work = work,
             .binds = binds,
             .budgets = std::move(budgets),
             .contenders = bind_contenders()};
  if (binds <= kMostBwrapBinds)
    row.contenders.push_back(contender("bwrap", kBwrapMinimal, "{--ro-bind} /bin/true"));
  return row;
}

// OCI runtimes, all without cgroups, which they would wait for, and each with a state directory of its own.
struct Runtime {
  const char* name;
  const char* begin;
};
constexpr Runtime kRuntimes[] = {
    {"kelp", "kelp oci --root {state}/kelp --cgroup-manager=disabled "},
    {"crun", "crun --root {state}/crun --cgroup-manager=disabled "},
    {"runc", "runc --root {state}/runc "},
};

// So that one that was left is not in the way of the next round's.
std::string removal(const Runtime& runtime) { return std::string(runtime.begin) + "delete --force bench"; }

std::vector<Contender> runtimes(const char* rest) {
  std::vector<Contender> all;
  for (const Runtime& runtime : kRuntimes)
    all.push_back({.name = runtime.name, .command = std::string(runtime.begin) + rest});
  return all;
}

Row oci_run_row() {
  return {.name = "oci-run",
          .work = "OCI: run of a default bundle",
          .references = {"crun", "runc"},
          .budgets = {{"crun", 0.4}, {"runc", 0.15}},
          .contenders = runtimes("run --bundle {bundle} bench")};
}

Row oci_life_row() {
  Row row = {.name = "oci-life",
             .work = "OCI: create, start and delete of the same",
             .references = {"crun", "runc"},
             .budgets = {{"crun", 0.4}}};
  for (const Runtime& runtime : kRuntimes) {
    const std::string begin = runtime.begin;
    row.contenders.push_back({.name = runtime.name,
                              .command = begin + "create --bundle {bundle} bench && " + begin +
                                         "start bench && " + removal(runtime)});
  }
  return row;
}

Row oci_exec_row() {
  Row row = {.name = "oci-exec",
             .work = "OCI: exec in a container that runs",
             .references = {"crun", "runc"},
             .budgets = {{"crun", 0.3}}};
  for (const Runtime& runtime : kRuntimes) {
    const std::string begin = runtime.begin;
    row.contenders.push_back({.name = runtime.name,
                              .command = begin + "exec bench /bin/true",
                              .before = begin + "run --detach --bundle {idle} bench",
                              .after = removal(runtime)});
  }
  return row;
}

Row oci_binds_row() {
  return {.name = "oci-binds",
          .work = "OCI: run of a bundle with 1,000 binds",
          .binds = 1000,
          .references = {"crun", "runc"},
          .contenders = runtimes("run --bundle {binds} bench")};
}

}  // namespace

std::vector<Row> rows() {
  return {
      minimal_row(),
      full_row(),
      range_row(),
      filter_row(),
      covers_row(),
      calls_row(),
      crowd_row(),
      bind_row("binds-10", "minimal with 10 read-only binds", 10),
      bind_row("binds-100", "minimal with 100 read-only binds", 100),
      bind_row("binds-1000", "minimal with 1,000 read-only binds", 1000, {{"bwrap", 0.05}}),
      bind_row("binds-2900", "minimal with 2,900 read-only binds", 2900),
      bind_row("binds-10000", "minimal with 10,000 read-only binds (more than bwrap can read)", 10000),
      oci_run_row(),
      oci_life_row(),
      oci_exec_row(),
      oci_binds_row(),
  };
}

std::vector<MemoryRow> memory_rows() {
  return {{.name = "memory",
           .work = "minimal run",
           .max_mib = 6,
           .most_of = {},
           .contenders = {{"floor", "floor minimal {root} /bin/true wait"},
                          contender("kelp", kKelpMinimal, "{root} /bin/true wait"),
                          contender("bwrap", kBwrapMinimal, "/bin/true wait")}},
          {.name = "oci-memory",
           .work = "OCI: run of a default bundle",
           .most_of = "crun",
           .contenders = runtimes("run --bundle {waiting} bench")}};
}

std::vector<LinearRow> linear_rows() {
  return {{.name = "linear", .contenders = bind_contenders()},
          {.name = "oci-linear",
           .contenders = {{"kelp", std::string(kRuntimes[0].begin) + "run --bundle {binds} bench"}}}};
}

std::vector<std::string_view> peer_programs() { return {"bwrap", "unshare", "crun", "runc", "podman"}; }

}  // namespace kelp::bench
