using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>
/// Makes a pod's interface: a veth pair whose pod end carries host addresses, a default route through a
/// gateway that no device has, and a permanent neighbour entry by which the gateway is the host end.
/// </summary>
internal sealed class PodInterface(
    NetlinkSocket host, PodNamespace pod, string ifName, EndpointAssignment assignment)
{
    private const string Loopback = "lo";
    private const int LoopbackIndex = 1;

    /// <summary>fe80::1 on the host end: it answers for the gateway should the pod forget its neighbour
    /// entry.</summary>
    private static readonly InterfaceAddress HostAddressV6 = new(EndpointAssignment.GatewayV6, 64);

    private int _hostIndex;

    private bool HasV6 => assignment.Addresses.Any(a => a.Address.Family == IpFamily.V6);

    /// <summary>Builds all of it. What fails half-way is taken down by <see cref="Remove"/>.</summary>
    public void Build()
    {
        CreatePair();
        _hostIndex = IndexOf(host, assignment.HostDevice);
        SetUpHostEnd();
        SetUpPodEnd();
    }

    /// <summary>Deletes the pair that <see cref="Build"/> made, and only that: by then another process may
    /// have made one of the same name.</summary>
    public void Remove()
    {
        if (_hostIndex == 0) return;
        try
        {
            host.Execute("cannot delete a device", writer => LinkCodec.WriteDelete(writer, _hostIndex));
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoDevice)
        {
            // The agent, or the end of the pod's namespace, was faster.
        }
    }

    private void CreatePair()
    {
        try
        {
            TryCreatePair();
        }
        catch (NetlinkException e) when (e.Errno == Errno.Exists)
        {
            StaleInterface.Remove(host, pod, ifName, assignment.HostDevice);
            TryCreatePair();
        }
    }

    private void TryCreatePair()
    {
        var hostEnd = new Link
        {
            Name = assignment.HostDevice, Mac = assignment.HostMac, Mtu = assignment.Mtu, Up = false,
        };
        var podEnd = new Link { Name = ifName, Mac = assignment.Mac, Mtu = assignment.Mtu, Up = false };
        host.Execute(
            $"cannot make the veth pair {assignment.HostDevice} and {ifName} in {pod.Path}",
            writer => LinkCodec.WriteVethPair(writer, hostEnd, podEnd, pod.Descriptor, new DeviceNames()));
    }

    private void SetUpHostEnd()
    {
        var device = assignment.HostDevice;
        foreach (var assigned in assignment.Addresses)
        {
            foreach (var (path, value) in EndpointPlan.Settings(device, assigned.Address.Family))
                Setting.Write(path, value);
        }
        var names = new DeviceNames();
        names.Set(_hostIndex, device);
        var batch = new NetlinkBatch();
        if (HasV6)
        {
            Setting.Write($"net/ipv6/conf/{device}/disable_ipv6", "0");
            // Without this the host could not ask for the pod's neighbour entry during the first second.
            Setting.Write($"net/ipv6/conf/{device}/accept_dad", "0");
            var address = new LinkAddress { Device = device, Address = HostAddressV6, Scope = Scope.Link };
            batch.Add(writer => AddressCodec.WriteSet(writer, address, names));
        }
        batch.Add(writer => LinkCodec.WriteSetUp(writer, _hostIndex, up: true));
        Execute(host, batch, $"cannot set up {device}");
    }

    private void SetUpPodEnd()
    {
        using var socket = pod.Inside(() =>
        {
            if (HasV6)
            {
                Setting.Write($"net/ipv6/conf/{ifName}/disable_ipv6", "0");
                Setting.Write($"net/ipv6/conf/{ifName}/accept_dad", "0");
                Setting.Write($"net/ipv6/conf/{ifName}/accept_ra", "0");
            }
            return NetlinkSocket.Open();
        });
        var index = IndexOf(socket, ifName);
        var names = new DeviceNames();
        names.Set(index, ifName);
        names.Set(LoopbackIndex, Loopback);
        var batch = new NetlinkBatch();
        batch.Add(writer => LinkCodec.WriteSetUp(writer, LoopbackIndex, up: true));
        foreach (var assigned in assignment.Addresses)
        {
            var address = Address(assigned);
            batch.Add(writer => AddressCodec.WriteSet(writer, address, names));
        }
        batch.Add(writer => LinkCodec.WriteSetUp(writer, index, up: true));
        foreach (var assigned in assignment.Addresses)
        {
            var (neighbour, route) = (Gateway(assigned), DefaultRoute(assigned));
            batch.Add(writer => NeighbourCodec.WriteSet(writer, neighbour, names));
            batch.Add(writer => RouteCodec.WriteSet(writer, route, names));
        }
        Execute(socket, batch, $"cannot set up {ifName} in {pod.Path}");
    }

    private LinkAddress Address(AssignedAddress assigned) => new()
    {
        Device = ifName, Address = new InterfaceAddress(assigned.Address, assigned.Address.Family.Bits),
    };

    private Neighbour Gateway(AssignedAddress assigned) => new()
    {
        Device = ifName, Address = assigned.Gateway, Mac = assignment.HostMac,
    };

    private Route DefaultRoute(AssignedAddress assigned) => new()
    {
        Destination = Prefix.Default(assigned.Address.Family),
        Via = assigned.Gateway,
        Device = ifName,
        Onlink = true,
        Protocol = Ownership.RouteProtocol,
    };

    private static int IndexOf(NetlinkSocket socket, string device) => socket.Ask(
        $"cannot find device {device}", writer => LinkCodec.WriteGet(writer, device),
        static payload => LinkCodec.Read(payload, new DeviceNames())).Index;

    private static void Execute(NetlinkSocket socket, NetlinkBatch batch, string what)
    {
        var failures = socket.Execute(batch);
        if (failures.Count > 0) throw new NetlinkException(what, failures[0].Ack);
    }
}
