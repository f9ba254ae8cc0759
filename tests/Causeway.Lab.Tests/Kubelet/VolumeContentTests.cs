using System.Text;
using System.Text.Json;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class VolumeContentTests
{
    private static readonly ConfigMapObject Map = new()
    {
        Metadata = new() { Name = "m" },
        Data = new Dictionary<string, string> { ["Corefile"] = ".:53 {}", ["b"] = "B" },
        BinaryData = new Dictionary<string, byte[]> { ["raw"] = [0, 255] },
    };

    private static readonly SecretObject Hidden = new()
    {
        Metadata = new() { Name = "s" },
        Data = new Dictionary<string, byte[]> { ["password"] = "hush"u8.ToArray() },
    };

    private static readonly VolumeInputs Inputs = new(
        new PodFacts(Pod("p", labels: "app=web,tier=\"a\""), "n1", [], []),
        new(name => name == "m" ? Map : null, name => name == "s" ? Hidden : null),
        token => token.Audience == "none" ? null : "jwt for " + token.Audience);

    [Theory]
    [InlineData("""{"configMap": {"name": "m"}}""", "Corefile 644 .:53 {}|b 644 B|raw 644 \0\u00ff")]
    [InlineData("""{"configMap": {"name": "m", "defaultMode": 256, "items": [{"key": "b", "path": "x/y"}]}}""", "x/y 400 B")]
    [InlineData("""{"configMap": {"name": "m", "items": [{"key": "b", "path": "c", "mode": 511}]}}""", "c 777 B")]
    [InlineData("""{"configMap": {"name": "m", "optional": true, "items": [{"key": "no", "path": "c"}]}}""", "")]
    [InlineData("""{"configMap": {"name": "none", "optional": true}}""", "")]
    [InlineData("""{"secret": {"secretName": "s"}}""", "password 644 hush")]
    [InlineData(
        """{"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}}""",
        "labels 644 app=\"web\"\ntier=\"\\\"a\\\"\"")]
    [InlineData(
        """
        {"projected": {"defaultMode": 256, "sources": [
          {"serviceAccountToken": {"path": "token", "audience": "vault"}},
          {"configMap": {"name": "m", "items": [{"key": "b", "path": "ca.crt"}]}},
          {"secret": {"name": "s"}},
          {"downwardAPI": {"items": [{"path": "namespace", "mode": 292, "fieldRef": {"fieldPath": "metadata.namespace"}}]}}]}}
        """,
        "ca.crt 400 B|namespace 444 ns|password 400 hush|token 400 jwt for vault")]
    public void Objects_become_files(string volume, string expected)
    {
        var payload = Of(volume);
        Assert.Null(payload.Fault);
        Assert.Equal(expected, string.Join('|', payload.Files.Select(f =>
            $"{f.Key} {Convert.ToString(f.Value.Mode, 8)} {Encoding.Latin1.GetString(f.Value.Content)}")));
    }

    [Theory]
    [InlineData("""{"configMap": {"name": "none"}}""", "configmap \"none\" not found")]
    [InlineData("""{"secret": {"secretName": "none"}}""", "secret \"none\" not found")]
    [InlineData(
        """{"configMap": {"name": "m", "items": [{"key": "no", "path": "c"}]}}""",
        "configmap references non-existent config key: no")]
    [InlineData("""{"secret": {"secretName": "s", "items": [{"key": "no", "path": "c"}]}}""", "references non-existent secret key: no")]
    [InlineData("""{"configMap": {"name": "m", "items": [{"key": "b", "path": "../b"}]}}""", "invalid path: '../b'")]
    [InlineData("""{"configMap": {"name": "m", "items": [{"key": "b", "path": "/b"}]}}""", "invalid path: '/b'")]
    [InlineData(
        """{"downwardAPI": {"items": [{"path": "ip", "fieldRef": {"fieldPath": "status.podIP"}}]}}""",
        "unsupported fieldPath: status.podIP")]
    [InlineData(
        """{"projected": {"sources": [{"serviceAccountToken": {"path": "token", "audience": "none"}}]}}""",
        "failed to fetch token: there is none yet")]
    public void What_is_missing_is_named(string volume, string fault) => Assert.Equal(fault, Of(volume).Fault);

    private static VolumePayload Of(string json) => VolumeContent.Of(
        JsonSerializer.Deserialize(
            $$"""{"volumes": [{{json}}]}""", ObjectJson.Default.PodObjectSpec)!.Volumes![0], Inputs);
}
