using System.Net;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Accounts;
using Causeway.Lab.ApiServer.Streams;

namespace Causeway.Lab.ApiServer;

/// <summary>What an API server needs to run.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The database file; created when absent, its folder must exist. One server at a time may have
    /// it.</summary>
    public required string StorePath { get; init; }

    /// <summary>Upper bound of the database file in bytes; null for none. Writes beyond it fail, reads go
    /// on.</summary>
    public long? StoreLimit { get; init; }

    /// <summary>Listening stream sockets that this process inherited: descriptor numbers.</summary>
    public IReadOnlyList<ulong> ListenHandles { get; init; } = [];

    /// <summary>Addresses to listen on in this process's own network namespace; port 0 takes a free
    /// one.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; init; } = [];

    /// <summary>With its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>The administrator's bearer token.</summary>
    public required string Token { get; init; }

    /// <summary>Tokens of service accounts, which open the server too; null for none, and pods without any.</summary>
    public AccountOptions? Accounts { get; init; }

    /// <summary>Where nodes and pods reach the server: the endpoints of the Service <c>default/kubernetes</c>, on one
    /// port; empty for no such Service.</summary>
    public IReadOnlyList<IPEndPoint> Advertised { get; init; } = [];

    /// <summary>Where Services' cluster addresses come from: one range per family, the family of Services that
    /// ask for none first.</summary>
    public IReadOnlyList<Prefix> ServiceRanges { get; init; } = [Prefix.Parse("10.96.0.0/16")];

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Seeds uids and generated names; null takes the system's generator.</summary>
    public int? Seed { get; init; }

    /// <summary>Serves logs, exec and attach; without it they answer 503.</summary>
    public IKubeletStreams? Kubelet { get; init; }

    /// <summary>How often a watch that asked for bookmarks gets one.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(30);
}
