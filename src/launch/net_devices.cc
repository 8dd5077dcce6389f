// SPDX-License-Identifier: Apache-2.0
// See net_devices.h. One message of rtnetlink(7) a device.
// Runs in: parent.
#include "launch/net_devices.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/unique_fd.h"

namespace kelp::launch {
namespace {

// A request to change a device, with its attributes.
class Request {
 public:
  explicit Request(int index) {
    header_.nlmsg_type = RTM_NEWLINK;
    header_.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    ifinfomsg device{};
    device.ifi_family = AF_UNSPEC;
    device.ifi_index = index;
    device.ifi_flags = IFF_UP;
    device.ifi_change = IFF_UP;
    append(&device, sizeof device);
  }
  void add(unsigned short type, const void* data, std::size_t size) {
    rtattr attribute{};
    attribute.rta_type = type;
    attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
    append(&attribute, sizeof attribute);
    append(data, size);
  }
  std::string bytes() {
    header_.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(body_.size()));
    return std::string(reinterpret_cast<const char*>(&header_), sizeof header_) + body_;
  }

 private:
  void append(const void* data, std::size_t size) {
    body_.append(static_cast<const char*>(data), size);
    body_.resize(NLMSG_ALIGN(body_.size()));
  }

  nlmsghdr header_{};
  std::string body_;
};

// 0 or the kernel's errno.
int answer_of(int socket_fd) {
  alignas(nlmsghdr) std::array<char, 4096> buffer{};
  ssize_t size = -1;
  do {
    size = ::recv(socket_fd, buffer.data(), buffer.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return errno;
  nlmsghdr header{};
  nlmsgerr error{};
  if (static_cast<std::size_t>(size) < sizeof header + sizeof error.error) return EPROTO;
  std::memcpy(&header, buffer.data(), sizeof header);
  std::memcpy(&error.error, buffer.data() + sizeof header, sizeof error.error);
  return header.nlmsg_type == NLMSG_ERROR ? -error.error : EPROTO;
}

Status move(int socket_fd, const MovedNetDevice& device, pid_t container) {
  const std::string action = cat("move the network device ", device.host_name, " into the container");
  const unsigned index = ::if_nametoindex(device.host_name.c_str());
  if (index == 0) return sys::failure(action);
  const std::string& name = device.name.empty() ? device.host_name : device.name;
  if (name.size() >= IFNAMSIZ) return Error(action, cat("the name ", name, " is too long"));
  Request request(static_cast<int>(index));
  const auto pid = static_cast<std::uint32_t>(container);
  request.add(IFLA_NET_NS_PID, &pid, sizeof pid);
  request.add(IFLA_IFNAME, name.c_str(), name.size() + 1);
  const std::string bytes = request.bytes();
  if (::send(socket_fd, bytes.data(), bytes.size(), 0) < 0) return sys::failure(action);
  const int code = answer_of(socket_fd);
  return code == 0 ? Status() : sys::failure(action, code);
}

}  // namespace

Status move_net_devices(const std::vector<MovedNetDevice>& devices, pid_t container) {
  if (devices.empty()) return {};
  const sys::UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket.valid()) return sys::failure("open a socket to move network devices");
  for (const MovedNetDevice& device : devices) {
    Status moved = move(socket.get(), device, container);
    if (!moved) return std::move(moved.error()).after(device.origin.text);
  }
  return {};
}

}  // namespace kelp::launch
