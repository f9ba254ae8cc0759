using System.Text;
using System.Text.Json.Nodes;
using Causeway.Core;
using Causeway.Lab.ApiServer.Schema;
using CsCheck;

namespace Causeway.Lab.Tests.ApiServer.Schema;

public sealed class ObjectDecoderTests
{
    private static DecodedObject Decode(ObjectSchema schema, string json)
    {
        var body = BodyParser.Parse(Encoding.UTF8.GetBytes(json));
        return ObjectDecoder.Decode(schema, body.Object, body.Duplicates);
    }

    [Fact]
    public void Unknown_fields_are_named_with_their_path_and_dropped()
    {
        var decoded = Decode(Shapes.Deployment, """
            {"kind":"Deployment","spec":{"replicaz":1,"template":{"spec":{"containers":[{"name":"a","imag":"x"}]}}}}
            """);
        Assert.Equal(["unknown field \"spec.replicaz\"",
            "unknown field \"spec.template.spec.containers[0].imag\""], decoded.Strict);
        Assert.Equal("Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: "
            + "unknown field \"spec.replicaz\", unknown field \"spec.template.spec.containers[0].imag\"",
            decoded.StrictError);
        Assert.Null(decoded.Error);
        Shapes.Same("""{"kind":"Deployment","spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}}""",
            decoded.Object);
    }

    [Fact]
    public void Duplicate_fields_are_named_and_the_last_wins()
    {
        var decoded = Decode(Shapes.Deployment, """{"spec":{"replicas":1,"replicas":2}}""");
        Assert.Equal(["duplicate field \"spec.replicas\""], decoded.Strict);
        Shapes.Same("""{"spec":{"replicas":2}}""", decoded.Object);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"three"}}""",
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":9999999999}}""",
        "json: cannot unmarshal number 9999999999 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""",
        "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""",
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels.a of type string")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"1x"}}}]}}}}""",
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    public void A_wrong_type_in_a_built_in_kind_is_an_error(string json, string error) => Assert.Equal(
        "Deployment in version \"v1\" cannot be handled as a Deployment: " + error, Decode(Shapes.Deployment, json).Error);

    [Fact]
    public void Ports_may_be_numbers_or_names_and_quantities_numbers_or_text()
    {
        var decoded = Decode(Shapes.Deployment, """
            {"spec":{"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":1}},"template":{"spec":{
             "containers":[{"name":"a","resources":{"limits":{"cpu":2,"memory":"1.5Gi"}}}]}}}}
            """);
        Assert.Null(decoded.Error);
        Assert.Empty(decoded.Strict);
    }

    [Fact]
    public void Custom_resources_are_pruned_and_defaulted()
    {
        var decoded = Decode(Shapes.Pool, """
            {"kind":"IPPool","metadata":{"name":"p","labelz":{}},
             "spec":{"cidr":"10.0.0.0/8","typo":1,"note":null,"name":null,"free":{"a":{"b":1}},"limits":{"x":1}}}
            """);
        Assert.Equal(["unknown field \"metadata.labelz\"", "unknown field \"spec.typo\""], decoded.Strict);
        Shapes.Same("""
            {"kind":"IPPool","metadata":{"name":"p"},"spec":{"cidr":"10.0.0.0/8","note":null,"free":{"a":{"b":1}},
             "limits":{"x":1},"encapsulation":"VXLAN"}}
            """, decoded.Object);
    }

    [Fact]
    public void The_configuration_of_an_apply_gets_no_defaults() => Shapes.Same("""{"spec":{}}""",
        ObjectDecoder.Decode(Shapes.Pool, Shapes.Json("""{"spec":{}}"""), defaults: false).Object);

    [Fact]
    public void Yaml_reads_as_the_same_object()
    {
        var body = BodyParser.Parse("kind: Pod\nspec:\n  priority: 3\n  hostname: \"7\"\n  paused: true\n  x: ~\n"u8);
        Shapes.Same("""{"kind":"Pod","spec":{"priority":3,"hostname":"7","paused":true,"x":null}}""", body.Object);
    }

    [Theory]
    [InlineData("{\"a\":}")]
    [InlineData("{} {}")]
    [InlineData("a: [")]
    [InlineData("a: 1\n---\nb: 2\n")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\":1e999}")]
    public void What_is_no_object_is_refused(string text) =>
        Assert.Throws<InputException>(() => BodyParser.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Aliases_cannot_multiply_without_end()
    {
        var text = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 12; i++)
            text.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        Assert.Throws<InputException>(() => BodyParser.Parse(Encoding.UTF8.GetBytes(text.ToString())));
    }

    [Fact]
    public void Random_bytes_never_do_worse_than_an_input_error() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        try
        {
            BodyParser.Parse(bytes);
        }
        catch (InputException)
        {
        }
    });

    [Fact]
    public void Random_objects_never_crash_decoder_or_validator() => RandomJson.Object.Sample(obj =>
    {
        foreach (var schema in new[] { Shapes.Deployment, Shapes.Pod, Shapes.Pool })
        {
            var decoded = ObjectDecoder.Decode(schema, obj);
            FieldValidator.Validate(schema, decoded.Object);
        }
    });
}
