using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Admission;
using Causeway.Lab.ApiServer.Resources;

namespace Causeway.Lab.Tests.ApiServer.Admission;

public sealed class ServiceValidationTests
{
    [Theory]
    [InlineData("""{"ports":[{"port":80}]}""", "")]
    [InlineData("""{"ports":[{"port":80},{"port":81,"name":"b"}]}""", "spec.ports[0].name: Required value")]
    [InlineData("""{"ports":[{"port":0,"targetPort":1}]}""",
        "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("""{"ports":[{"port":65536,"targetPort":1}]}""",
        "spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive")]
    [InlineData("""{"ports":[{"port":1,"targetPort":70000}]}""",
        "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData("""{"ports":[{"port":1,"targetPort":"Web"}]}""",
        "spec.ports[0].targetPort: Invalid value: \"Web\": must contain only alpha-numeric characters (a-z, 0-9),"
        + " and hyphens (-)")]
    [InlineData("""{"ports":[{"port":1,"name":"a"},{"port":2,"name":"a"}]}""",
        "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData("""{"ports":[{"port":53,"name":"a"},{"port":53,"name":"b","protocol":"UDP"}]}""", "")]
    [InlineData("""{"ports":[{"port":53,"protocol":"ICMP"}]}""",
        "spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("""{"ports":[{"port":53,"protocol":"SCTP"}]}""", "")]
    [InlineData("{}", "spec.ports: Required value")]
    [InlineData("""{"clusterIP":"None"}""", "")]
    [InlineData("""{"type":"Other","ports":[{"port":1}]}""", "spec.type: Unsupported value: \"Other\": supported"
        + " values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("""{"type":"ExternalName"}""", "spec.externalName: Required value")]
    [InlineData("""{"type":"ExternalName","externalName":"example.org"}""", "")]
    [InlineData("""{"type":"ExternalName","externalName":"e.org","clusterIP":"10.96.0.9"}""",
        "spec.clusterIPs: Forbidden: may not be set when `type` is 'ExternalName'")]
    [InlineData("""{"ports":[{"port":1,"nodePort":30000}]}""",
        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("""{"type":"NodePort","clusterIP":"None","ports":[{"port":1}]}""",
        "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")]
    [InlineData("""{"type":"NodePort","ports":[{"port":1,"name":"a","nodePort":30000},{"port":2,"name":"b","nodePort":30000}]}""",
        "spec.ports[1].nodePort: Duplicate value: 30000")]
    [InlineData("""{"clusterIP":"10.96.0.300","ports":[{"port":1}]}""", "spec.clusterIPs[0]: Invalid value:"
        + " \"10.96.0.300\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"clusterIP":"010.96.0.3","ports":[{"port":1}]}""", "spec.clusterIPs[0]: Invalid value:"
        + " \"010.96.0.3\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"clusterIPs":["10.96.0.3","10.96.0.4"],"ports":[{"port":1}]}""", "spec.clusterIPs: Invalid"
        + " value: [\"10.96.0.3\",\"10.96.0.4\"]: may specify no more than one IP for each IP family")]
    [InlineData("""{"externalIPs":["127.0.0.1"],"ports":[{"port":1}]}""", "spec.externalIPs[0]: Invalid value:"
        + " \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("""{"externalIPs":["192.0.2.7"],"externalTrafficPolicy":"Local","ports":[{"port":1}]}""", "")]
    [InlineData("""{"externalTrafficPolicy":"Local","ports":[{"port":1}]}""", "spec.externalTrafficPolicy: Invalid"
        + " value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("""{"internalTrafficPolicy":"Near","ports":[{"port":1}]}""", "spec.internalTrafficPolicy:"
        + " Unsupported value: \"Near\": supported values: \"Cluster\", \"Local\"")]
    [InlineData("""{"healthCheckNodePort":30001,"type":"LoadBalancer","ports":[{"port":1}]}""",
        "spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is 'LoadBalancer' and"
        + " `externalTrafficPolicy` is 'Local'")]
    [InlineData("""{"loadBalancerSourceRanges":["10.0.0.0/8"],"ports":[{"port":1}]}""",
        "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("""{"type":"LoadBalancer","loadBalancerSourceRanges":["10.0.0.0"],"ports":[{"port":1}]}""",
        "spec.loadBalancerSourceRanges[0]: Invalid value: \"10.0.0.0\": must be a valid CIDR value,"
        + " (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData("""{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":86401}},"ports":[{"port":1}]}""",
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less"
        + " than 86400")]
    [InlineData("""{"trafficDistribution":"Far","ports":[{"port":1}]}""", "spec.trafficDistribution: Unsupported"
        + " value: \"Far\": supported values: \"PreferClose\", \"PreferSameNode\", \"PreferSameZone\"")]
    public void Specs_are_judged_in_the_words_of_the_API(string spec, string expected)
    {
        var value = Service(spec);
        Defaults.Apply(BuiltInResources.Services, value);
        Assert.Equal(expected, string.Join('\n', ServiceValidation.Check(value, null)));
    }

    [Theory]
    [InlineData(2, 10, "")]
    [InlineData(1001, 10, "endpoints: Too many: 1001: must have at most 1000 items")]
    [InlineData(1, 101, "ports: Too many: 101: must have at most 100 items")]
    public void Slices_have_limits(int endpoints, int ports, string expected)
    {
        var slice = new JsonObject
        {
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray([.. Enumerable.Range(0, endpoints).Select(i =>
                JsonNode.Parse($$"""{"addresses":["10.0.{{i / 250}}.{{i % 250 + 1}}"]}"""))]),
            ["ports"] = new JsonArray([.. Enumerable.Range(1, ports).Select(i =>
                JsonNode.Parse($$"""{"name":"p{{i}}","port":{{i}},"protocol":"TCP"}"""))]),
        };
        Assert.Equal(expected, string.Join('\n', EndpointSliceValidation.Check(slice, null)));
    }

    [Theory]
    [InlineData("IPv4", "10.0.0.1", "")]
    [InlineData("IPv6", "fd00::1", "")]
    [InlineData("FQDN", "a.example.org", "")]
    [InlineData("IPv4", "fd00::1", "must be an IPv4 address")]
    [InlineData("IPv6", "10.0.0.1", "must be an IPv6 address")]
    [InlineData("IPv4", "127.0.0.1", "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("IPv4", "169.254.1.1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("IPv4", "0.0.0.0", "may not be unspecified (0.0.0.0)")]
    [InlineData("IPv6", "ff02::1", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")]
    [InlineData("IPv4", "10.0.0.1; drop", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    public void Slices_hold_addresses_of_their_type(string type, string address, string fault)
    {
        var slice = new JsonObject
        {
            ["addressType"] = type,
            ["endpoints"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address) }),
        };
        var expected = fault.Length == 0 ? ""
            : $"endpoints[0].addresses[0]: Invalid value: \"{address}\": {fault}";
        Assert.Equal(expected, string.Join('\n', EndpointSliceValidation.Check(slice, null)));
    }

    private static JsonObject Service(string spec) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "s", ["namespace"] = "default" },
        ["spec"] = JsonNode.Parse(spec),
    };
}
