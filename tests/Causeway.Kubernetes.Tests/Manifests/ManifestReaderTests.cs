using Causeway.Core;
using Causeway.Kubernetes.Manifests;
using CsCheck;

namespace Causeway.Kubernetes.Tests.Manifests;

public sealed class ManifestReaderTests
{
    private const string Head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

    [Theory]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("y", "\"y\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("8080", "8080")]
    [InlineData("-5", "-5")]
    [InlineData("0x1F", "31")]
    [InlineData("0644", "420")]
    [InlineData("0o644", "420")]
    [InlineData("089", "89")]
    [InlineData("1_000", "1000")]
    [InlineData("1.5", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("2026-11-22", "\"2026-11-22\"")]
    [InlineData("\"8080\"", "\"8080\"")]
    [InlineData("!!str 8080", "\"8080\"")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    public void Scalars_mean_what_Kubernetes_reads(string yaml, string json)
    {
        var manifest = Assert.Single(ManifestReader.Read($"{Head}value: {yaml}\n", "a.yaml"));
        Assert.Equal(json, manifest.Object["value"]?.ToJsonString() ?? "null");
    }

    [Fact]
    public void Several_documents_and_lists_become_single_objects()
    {
        var text = $"# only a comment\n---\n{Head}---\napiVersion: v1\nkind: List\nitems:\n"
            + "- apiVersion: v1\n  kind: Pod\n  metadata: {name: b, namespace: x}\n---\n";
        var manifests = ManifestReader.Read(text, "a.yaml");
        Assert.Equal(["a.yaml:3: ConfigMap a", "a.yaml:11: Pod b"], manifests.Select(m => m.Where));
        Assert.Equal("x", manifests[1].Namespace);
    }

    [Fact]
    public void Anchors_and_merge_keys_are_resolved()
    {
        var text = Head + "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n";
        var manifest = Assert.Single(ManifestReader.Read(text, "a.yaml"));
        Assert.Equal("""{"x":1,"y":3}""", Sorted(manifest.Object["use"]!.AsObject()));
    }

    [Theory]
    [InlineData("kind: Pod\nmetadata: {name: a}", "a.yaml:1: apiVersion: is missing")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n", "a.yaml:3: metadata.name: is missing")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata:\n  name: 12\n", "a.yaml:4: metadata.name: text is expected here")]
    [InlineData("apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n", "a.yaml:4: items[0].kind: is missing")]
    [InlineData("apiVersion: v1\n\tkind: Pod", "not valid YAML")]
    [InlineData("apiVersion: v1\nkind: Pod\nkind: Pod\n", "not valid YAML")]
    [InlineData("- a\n- b\n", "a.yaml:1: an object is expected")]
    [InlineData("just words", "a.yaml:1: an object is expected")]
    public void What_is_malformed_names_file_line_and_field(string text, string message)
    {
        var error = Assert.Throws<InputException>(() => ManifestReader.Read(text, "a.yaml"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_of_the_server_gets_the_line_of_the_field_it_names()
    {
        var text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: many\n  selector: {}\n";
        var manifest = Assert.Single(ManifestReader.Read(text, "web.yaml"));
        var error = manifest.Refused("spec.replicas: Invalid value: \"string\"", new IOException());
        Assert.StartsWith("web.yaml:6: Deployment web: spec.replicas", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("web.yaml:1: Deployment web: no", manifest.Refused("no", new IOException()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_read_is_manifests_or_an_error_with_its_place()
    {
        string[] pieces = ["a", ":", " ", "\n", "- ", "{", "}", "[", "]", "&x", "*x", "<<", "'", "\"", "#", "---\n", "!", "|", "0x", "?"];
        Gen.OneOf(pieces.Select(Gen.Const).ToArray()).Array[0, 40].Sample(parts =>
        {
            try
            {
                ManifestReader.Read(string.Concat(parts), "f.yaml");
            }
            catch (InputException e)
            {
                Assert.StartsWith("f.yaml", e.Message, StringComparison.Ordinal);
            }
        }, iter: 3000);
    }

    private static string Sorted(System.Text.Json.Nodes.JsonObject item) =>
        "{" + string.Join(',', item.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"\"{p.Key}\":{p.Value!.ToJsonString()}")) + "}";
}
