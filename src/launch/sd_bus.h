// SPDX-License-Identifier: Apache-2.0
// What of libsystemd is called (sd-bus(3)), found in the library when it is loaded.
// Runs in: parent.
#pragma once

#include <cstdint>

#include "sys/library.h"

namespace kelp::launch {

// systemd/sd-bus.h, which need not be installed where kelp is built. Functions with a variable number of
// arguments are left alone.
struct Bus;
struct Message;
struct Slot;
struct BusError {
  const char* name = nullptr;
  const char* message = nullptr;
  int need_free = 0;
};
using Handler = int (*)(Message*, void*, BusError*);

struct SystemdFunctions {
  int (*bus_new)(Bus**) = nullptr;
  int (*set_address)(Bus*, const char*) = nullptr;
  int (*set_bus_client)(Bus*, int) = nullptr;
  int (*start)(Bus*) = nullptr;
  void (*close)(Bus*) = nullptr;
  Bus* (*bus_unref)(Bus*) = nullptr;
  int (*match_signal)(Bus*, Slot**, const char*, const char*, const char*, const char*, Handler, Handler,
                      void*) = nullptr;
  int (*new_call)(Bus*, Message**, const char*, const char*, const char*, const char*) = nullptr;
  int (*append)(Message*, char, const void*) = nullptr;
  int (*open)(Message*, char, const char*) = nullptr;
  int (*close_container)(Message*) = nullptr;
  int (*read)(Message*, char, void*) = nullptr;
  int (*call)(Bus*, Slot**, Message*, Handler, void*, std::uint64_t) = nullptr;
  const BusError* (*error_of)(Message*) = nullptr;
  int (*process)(Bus*, Message**) = nullptr;
  int (*wait)(Bus*, std::uint64_t) = nullptr;
  Message* (*unref)(Message*) = nullptr;
};

// Whether all of them are there.
bool find_all(const sys::Library& systemd, SystemdFunctions& library);

}  // namespace kelp::launch
