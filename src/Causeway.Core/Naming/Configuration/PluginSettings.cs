using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

/// <summary>One plugin of a server, as its configuration says. Names and defaults are CoreDNS's.</summary>
public abstract record PluginSettings(ConfigPosition At);

/// <summary>Errors are logged; the server does so anyway.</summary>
public sealed record ErrorsSettings(ConfigPosition At) : PluginSettings(At);

/// <summary>A line for each query.</summary>
/// <param name="Zones">Empty: the server's.</param>
/// <param name="Classes">Of <c>all</c>, <c>success</c>, <c>denial</c>, <c>error</c>.</param>
public sealed record LogSettings(ConfigPosition At, ImmutableArray<DnsName> Zones, ImmutableArray<string> Classes)
    : PluginSettings(At);

/// <param name="Address">HOST:PORT; <c>*</c> for all addresses.</param>
/// <param name="LameDuck">How long the server goes on after it was told to stop, saying that it is unwell.</param>
public sealed record HealthSettings(ConfigPosition At, string Address, TimeSpan LameDuck) : PluginSettings(At);

public sealed record ReadySettings(ConfigPosition At, string Address) : PluginSettings(At);

public sealed record PrometheusSettings(ConfigPosition At, string Address) : PluginSettings(At);

/// <summary>The cluster's names.</summary>
/// <param name="Zones">The first that is not of addresses is the one that addresses' names tell.</param>
public sealed record KubernetesSettings(
    ConfigPosition At, ImmutableArray<DnsName> Zones, string? Kubeconfig, string? Context,
    ImmutableArray<string> Namespaces, string? Labels, string? NamespaceLabels, PodNames Pods, bool EndpointPodNames,
    uint Ttl, bool NoEndpoints, bool IgnoreEmptyServices, Fallthrough Fallthrough) : PluginSettings(At);

public enum UpstreamPolicy
{
    Random,
    RoundRobin,
    Sequential,
}

/// <summary>A server that is asked for what others know.</summary>
public readonly record struct Upstream(IpAddress Address, ushort Port, bool IsTls)
{
    public override string ToString() =>
        $"{(IsTls ? "tls://" : "")}{Address.ToHost()}:{Port}";
}

/// <param name="From">Names within it are forwarded.</param>
/// <param name="Except">But not these.</param>
/// <param name="Expire">How long an idle connection is kept.</param>
/// <param name="MaxFails">After so many failures in a row a server is left out until it answers again; 0: never.</param>
/// <param name="MaxConcurrent">Beyond so many queries at once others are refused; 0: no limit.</param>
/// <param name="Tls">Certificate files: none, of the authority, or certificate and key, or all three.</param>
public sealed record ForwardSettings(
    ConfigPosition At, DnsName From, ImmutableArray<Upstream> To, ImmutableArray<DnsName> Except, bool ForceTcp,
    bool PreferUdp, TimeSpan Expire, uint MaxFails, ImmutableArray<string> Tls, string? TlsServerName,
    UpstreamPolicy Policy, TimeSpan HealthCheck, DnsName HealthName, bool HealthRecursion, uint MaxConcurrent)
    : PluginSettings(At)
{
    /// <summary>The files whose servers are among <see cref="To"/>.</summary>
    public ImmutableArray<string> Files { get; init; } = [];
}

/// <param name="Zones">Empty: the server's.</param>
/// <param name="Success">How many answers, and the bounds of their TTLs in seconds.</param>
/// <param name="Denial">Of answers without records.</param>
/// <param name="Prefetch">Asked so often within <paramref name="PrefetchWithin"/>, an answer is renewed before it ends;
/// 0: never.</param>
/// <param name="PrefetchPercent">In this last part of its time.</param>
/// <param name="ServeStale">How long after its end an answer may stand in while the upstream is silent.</param>
/// <param name="ServeStaleVerify">The upstream is tried before.</param>
/// <param name="ServFail">How long a failure is remembered.</param>
/// <param name="KeepTtl">Answers keep the TTL that they came with.</param>
public sealed record CacheSettings(
    ConfigPosition At, ImmutableArray<DnsName> Zones, CacheLimits Success, CacheLimits Denial, uint Prefetch,
    TimeSpan PrefetchWithin, uint PrefetchPercent, TimeSpan ServeStale, bool ServeStaleVerify, TimeSpan ServFail,
    ImmutableArray<DnsName> NoSuccess, ImmutableArray<DnsName> NoDenial, bool KeepTtl) : PluginSettings(At);

public readonly record struct CacheLimits(uint Capacity, uint LongestTtl, uint ShortestTtl);

/// <param name="File">Null: none.</param>
/// <param name="Zones">Empty: the server's.</param>
/// <param name="Lines">Entries that stand in the configuration, as in /etc/hosts.</param>
/// <param name="Reload">How often the file is looked at; zero: never.</param>
public sealed record HostsSettings(
    ConfigPosition At, string? File, ImmutableArray<DnsName> Zones, ImmutableArray<string> Lines, uint Ttl,
    bool NoReverse, TimeSpan Reload, Fallthrough Fallthrough) : PluginSettings(At);

public enum RewriteMatch
{
    Exact,
    Prefix,
    Suffix,
    Substring,
    Pattern,
}

/// <summary>One <c>rewrite name</c> or <c>rewrite type</c> line.</summary>
/// <param name="Continues">The next rule is tried on what this one made.</param>
/// <param name="AnswersBack">Names in the answer are changed back, so that the client sees what it asked.</param>
/// <param name="Answers">How names in the answer are changed besides.</param>
/// <param name="Type">With <paramref name="ToType"/>: the type is changed, not the name.</param>
/// <param name="Pattern">Matches in a time that grows with the name only.</param>
public sealed record RewriteSettings(
    ConfigPosition At, bool Continues, RewriteMatch Match, string From, string To, Regex? Pattern, bool AnswersBack,
    ImmutableArray<RewriteAnswer> Answers, DnsType? Type, DnsType? ToType) : PluginSettings(At);

/// <param name="IsValue">Names that records hold are changed (CNAME, SRV, PTR, NS), not those that they stand at.</param>
/// <param name="To">With <c>{1}</c> for a group.</param>
public sealed record RewriteAnswer(bool IsValue, Regex Pattern, string To);

/// <param name="Zones">Empty: the server's.</param>
/// <param name="ResolvConf">The file whose search path is tried; null: each pod's own, by the pod's address.</param>
public sealed record AutopathSettings(ConfigPosition At, ImmutableArray<DnsName> Zones, string? ResolvConf)
    : PluginSettings(At);

public enum AclAction
{
    Allow,
    Block,
    Filter,
    Drop,
}

/// <param name="Types">Empty: all.</param>
/// <param name="Networks">Empty: all.</param>
public sealed record AclRule(AclAction Action, ImmutableArray<DnsType> Types, ImmutableArray<Prefix> Networks);

public sealed record AclSettings(ConfigPosition At, ImmutableArray<DnsName> Zones, ImmutableArray<AclRule> Rules)
    : PluginSettings(At);

/// <summary>Records made from the name that is asked.</summary>
/// <param name="Class">Null: any.</param>
/// <param name="Type">Null: any.</param>
/// <param name="Answers">Lines of a zone file.</param>
public sealed record TemplateSettings(
    ConfigPosition At, DnsClass? Class, DnsType? Type, ImmutableArray<DnsName> Zones, ImmutableArray<Regex> Matches,
    ImmutableArray<TemplateText> Answers, ImmutableArray<TemplateText> Additional, ImmutableArray<TemplateText> Authority,
    DnsRcode Rcode, Fallthrough Fallthrough) : PluginSettings(At)
{
    /// <summary>By class and type.</summary>
    public bool Concerns(DnsQuestion question) =>
        (Class is null || Class == question.Class) && (Type is null || Type == question.Type);
}

public sealed record LoopSettings(ConfigPosition At) : PluginSettings(At);

/// <summary>The configuration is read again when it changes.</summary>
/// <param name="Jitter">So much earlier or later, so that not all servers do it at once.</param>
public sealed record ReloadSettings(ConfigPosition At, TimeSpan Interval, TimeSpan Jitter) : PluginSettings(At);

/// <summary>The order of addresses changes from answer to answer.</summary>
public sealed record LoadBalanceSettings(ConfigPosition At) : PluginSettings(At);

/// <param name="To">Who may have a copy of the zone; empty: anyone.</param>
public sealed record TransferSettings(ConfigPosition At, ImmutableArray<DnsName> Zones, ImmutableArray<Prefix> To)
    : PluginSettings(At);

public sealed record BindSettings(ConfigPosition At, ImmutableArray<IpAddress> Addresses) : PluginSettings(At);

/// <summary>What is asked of clients that prove who they are (CoreDNS's <c>client_auth</c>).</summary>
public enum ClientCertificates
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A certificate, which is not looked at; none is as good.</summary>
    Request,

    /// <summary>Any certificate.</summary>
    Require,

    /// <summary>None, or one that an authority has signed.</summary>
    VerifyIfGiven,

    /// <summary>One that an authority has signed.</summary>
    RequireAndVerify,
}

/// <summary>How a server over TLS proves who it is, and its clients who they are. Files are in PEM.</summary>
/// <param name="Certificate">The server's own, and those between it and its authority.</param>
/// <param name="Authority">Who may have signed clients' certificates; null: whom the machine trusts.</param>
public sealed record TlsSettings(
    ConfigPosition At, string Certificate, string Key, string? Authority, ClientCertificates Clients) : PluginSettings(At);

/// <summary>ANY is answered with one small record (RFC 8482).</summary>
public sealed record AnySettings(ConfigPosition At) : PluginSettings(At);

/// <summary>What a client does not need is left out of answers.</summary>
public sealed record MinimalSettings(ConfigPosition At) : PluginSettings(At);

/// <summary>Known, and without effect here.</summary>
public sealed record IgnoredSettings(ConfigPosition At, string Name) : PluginSettings(At);
