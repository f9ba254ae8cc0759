using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Kernel;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Cni;

/// <summary>
/// Makes a pod's interface: a veth pair whose pod end carries host addresses, a default route through a
/// gateway that no device has, and a permanent neighbour entry by which the gateway is the host end.
/// </summary>
internal sealed class PodInterface(NetlinkSocket host, PodNamespace pod, string ifName, string handle)
{
    private const string Loopback = "lo";
    private const int LoopbackIndex = 1;

    /// <summary>fe80::1 on the host end: it answers for the gateway should the pod forget its neighbour
    /// entry.</summary>
    private static readonly InterfaceAddress HostAddressV6 = new(EndpointAssignment.GatewayV6, 64);

    private int _hostIndex;

    public string HostDevice { get; } = EndpointDevice.NameOf(handle);

    /// <summary>Makes the pair, still down. False when one of the names is taken, or when the agent refused
    /// meanwhile and has deleted it again.</summary>
    /// <param name="mac">The pod end's, when the runtime asked for one.</param>
    public bool TryCreate(MacAddress? mac)
    {
        try
        {
            Create(mac ?? EndpointDevice.MacOf(handle));
            return true;
        }
        catch (NetlinkException e) when (e.Errno == Errno.Exists)
        {
            return false;
        }
        catch (SystemCallException e) when (e.Errno == Errno.NoDevice)
        {
            return false;
        }
    }

    /// <summary>Whether the pair that this made is still there.</summary>
    public bool IsThere => DeviceIndex.Find(HostDevice) == _hostIndex;

    /// <summary>Makes the pair in place of what an ADD that was cut short left behind.</summary>
    public void Replace(MacAddress mac)
    {
        StaleInterface.Remove(host, pod, ifName, HostDevice);
        Create(mac);
    }

    /// <summary>Deletes the pair that this made, and only that: by then another process may have made one of
    /// the same name.</summary>
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

    private void Create(MacAddress mac)
    {
        var hostEnd = new Link { Name = HostDevice, Mac = EndpointAssignment.GatewayMac, Up = false };
        var podEnd = new Link { Name = ifName, Mac = mac, Up = false };
        host.Execute(
            $"cannot make the veth pair {HostDevice} and {ifName} in {pod.Path}",
            writer => LinkCodec.WriteVethPair(writer, hostEnd, podEnd, pod.Descriptor, new DeviceNames()));
        _hostIndex = DeviceIndex.Of(HostDevice);
    }

    /// <summary>Gives the host's end its settings and sets it up: then it can carry routes.</summary>
    public void SetUpHostEnd(EndpointAssignment assignment)
    {
        var device = HostDevice;
        foreach (var assigned in assignment.Addresses)
        {
            foreach (var (path, value) in EndpointPlan.Settings(device, assigned.Address.Family))
                SysctlFile.Write(path, value);
        }
        var names = new DeviceNames();
        names.Set(_hostIndex, device);
        var batch = new NetlinkBatch();
        if (HasV6(assignment))
        {
            SysctlFile.Write($"net/ipv6/conf/{device}/disable_ipv6", "0");
            // Without this the host could not ask for the pod's neighbour entry during the first second.
            SysctlFile.Write($"net/ipv6/conf/{device}/accept_dad", "0");
            var address = new LinkAddress { Device = device, Address = HostAddressV6, Scope = Scope.Link };
            batch.Add(writer => AddressCodec.WriteSet(writer, address, names));
        }
        var end = new Link { Name = device, Mtu = assignment.Mtu, Up = true };
        batch.Add(writer => LinkCodec.WriteChange(writer, _hostIndex, end, names));
        Execute(host, batch, $"cannot set up {device}");
    }

    /// <summary>Gives the pod's end its settings, addresses and routes, and sets it up.</summary>
    public void SetUpPodEnd(EndpointAssignment assignment)
    {
        var index = 0;
        using var socket = pod.Inside(() =>
        {
            index = DeviceIndex.Of(ifName);
            if (HasV6(assignment))
            {
                SysctlFile.Write($"net/ipv6/conf/{ifName}/disable_ipv6", "0");
                SysctlFile.Write($"net/ipv6/conf/{ifName}/accept_dad", "0");
                SysctlFile.Write($"net/ipv6/conf/{ifName}/accept_ra", "0");
            }
            return NetlinkSocket.Open();
        });
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
        var end = new Link { Name = ifName, Mtu = assignment.Mtu, Up = true };
        batch.Add(writer => LinkCodec.WriteChange(writer, index, end, names));
        foreach (var assigned in assignment.Addresses)
        {
            var (neighbour, route) = (Gateway(assigned), DefaultRoute(assigned));
            batch.Add(writer => NeighbourCodec.WriteSet(writer, neighbour, names));
            batch.Add(writer => RouteCodec.WriteSet(writer, route, names));
        }
        Execute(socket, batch, $"cannot set up {ifName} in {pod.Path}");
    }

    private static bool HasV6(EndpointAssignment assignment) =>
        assignment.Addresses.Any(a => a.Address.Family == IpFamily.V6);

    private LinkAddress Address(AssignedAddress assigned) => new()
    {
        Device = ifName, Address = new InterfaceAddress(assigned.Address, assigned.Address.Family.Bits),
    };

    private Neighbour Gateway(AssignedAddress assigned) => new()
    {
        Device = ifName, Address = assigned.Gateway, Mac = EndpointAssignment.GatewayMac,
    };

    private Route DefaultRoute(AssignedAddress assigned) => new()
    {
        Destination = Prefix.Default(assigned.Address.Family),
        Via = assigned.Gateway,
        Device = ifName,
        Onlink = true,
        Protocol = Ownership.RouteProtocol,
    };

    private static void Execute(NetlinkSocket socket, NetlinkBatch batch, string what)
    {
        var failures = socket.Execute(batch);
        if (failures.Count > 0) throw new NetlinkException(what, failures[0].Ack);
    }
}
