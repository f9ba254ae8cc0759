using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services;

/// <summary>
/// What a service's health check port answers to load balancers that ask which nodes have local endpoints.
/// </summary>
/// <param name="Port">The healthCheckNodePort.</param>
/// <param name="LocalEndpoints">Ready ones on this node, each address counted once.</param>
public sealed record ServiceHealth(
    string Namespace, string Name, IpFamily Family, ushort Port, int LocalEndpoints)
{
    /// <summary>A header with the count, for balancers that weigh nodes.</summary>
    public const string WeightHeader = "X-Load-Balancing-Endpoint-Weight";

    /// <summary>One for each service and family with a health check port.</summary>
    public static IEnumerable<ServiceHealth> Of(IEnumerable<ServicePortPlan> plans) => plans
        .Where(p => p.HealthCheckNodePort != 0)
        .GroupBy(p => (p.Key.Name.Namespace, p.Key.Name.Name, p.Family, p.HealthCheckNodePort))
        .Select(g => new ServiceHealth(
            g.Key.Namespace, g.Key.Name, g.Key.Family, g.Key.HealthCheckNodePort,
            g.SelectMany(p => p.HealthyLocalEndpoints).Select(e => e.Address).Distinct().Count()));

    /// <summary>200 to be sent traffic, 503 not to be.</summary>
    public int Status(bool proxyHealthy) => LocalEndpoints > 0 && proxyHealthy ? 200 : 503;

    /// <summary>The count as <see cref="WeightHeader"/> carries it.</summary>
    public string Weight => LocalEndpoints.ToString(CultureInfo.InvariantCulture);

    /// <summary>The body, <c>application/json</c>, with the field names that balancers know.</summary>
    public string Body(bool proxyHealthy) => new JsonObject
    {
        ["service"] = new JsonObject { ["namespace"] = Namespace, ["name"] = Name },
        ["localEndpoints"] = LocalEndpoints,
        ["serviceProxyHealthy"] = proxyHealthy,
    }.ToJsonString();
}
