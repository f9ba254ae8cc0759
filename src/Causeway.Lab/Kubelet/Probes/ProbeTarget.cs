using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Objects;
using Causeway.Linux.Namespaces;

namespace Causeway.Lab.Kubelet.Probes;

/// <summary>Where a container's probes go, and how: from the node's own network, as a kubelet's do.</summary>
internal sealed class ProbeTarget(ContainerSpec spec, PodSetting setting)
{
    public string PodAddress =>
        setting.Sandbox.Addresses.Length > 0 ? setting.Sandbox.Addresses[0] : "127.0.0.1";

    /// <summary>A port given by number or by one of the container's names; null when there is none
    /// such.</summary>
    public int? Port(JsonElement port)
    {
        if (port.ValueKind == JsonValueKind.Number) return port.GetInt32();
        var name = port.GetString() ?? "";
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        return spec.Ports?.FirstOrDefault(p => p.Name == name)?.Port;
    }

    /// <summary>A connected socket of the node's network. A socket keeps the namespace in which it was
    /// opened, so only that happens there.</summary>
    public async ValueTask<Socket> ConnectAsync(string host, int port, CancellationToken cancel)
    {
        if (!IPAddress.TryParse(host.Trim('[', ']'), out var address))
            address = (await Dns.GetHostAddressesAsync(host, cancel))[0];
        var socket = NetworkNamespace.Run(setting.Node.NetworkNamespace, () =>
            new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(address, port, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
