using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.Tests.ApiServer.Schema;

public sealed class FieldValidatorTests
{
    [Theory]
    [InlineData("""{}""", "spec: Required value")]
    [InlineData("""{"spec":{}}""", "spec.cidr: Required value")]
    [InlineData("""{"spec":{"cidr":5}}""",
        "spec.cidr: Invalid value: \"integer\": spec.cidr in body must be of type string: \"integer\"")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/33"}}""",
        "spec.cidr: Invalid value: \"10.0.0.0/33\": spec.cidr in body must be of type cidr: \"10.0.0.0/33\"")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","blockSize":19}}""",
        "spec.blockSize: Invalid value: 19: spec.blockSize in body should be greater than or equal to 20")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","blockSize":129}}""",
        "spec.blockSize: Invalid value: 129: spec.blockSize in body should be less than or equal to 128")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","blockSize":26.5}}""",
        "spec.blockSize: Invalid value: \"number\": spec.blockSize in body must be of type integer: \"number\"")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","encapsulation":"GRE"}}""",
        "spec.encapsulation: Unsupported value: \"GRE\": supported values: \"None\", \"VXLAN\"")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","name":"AB"}}""",
        "spec.name: Invalid value: \"AB\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","name":"a"}}""",
        "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","name":"abcdef"}}""",
        "spec.name: Too long: may not be more than 5 bytes")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","nodes":["a","b","c","d"]}}""",
        "spec.nodes: Too many: 4: must have at most 3 items")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","nodes":["a","a"]}}""", "spec.nodes[1]: Duplicate value: \"a\"")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","peers":[{"name":"a"},{"name":"a"}]}}""",
        "spec.peers[1]: Duplicate value: {\"name\":\"a\"}")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","peers":[{"as":1}]}}""", "spec.peers[0].name: Required value")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","port":true}}""",
        "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","since":"yesterday"}}""",
        "spec.since: Invalid value: \"yesterday\": spec.since in body must be of type date-time: \"yesterday\"")]
    [InlineData("""{"spec":{"cidr":"10.0.0.0/8","limits":{"a":"b"}}}""",
        "spec.limits.a: Invalid value: \"string\": spec.limits.a in body must be of type integer: \"string\"")]
    public void A_bad_custom_resource_is_told_as_kubernetes_tells_it(string json, string error) =>
        Assert.Equal([error], FieldValidator.Validate(Shapes.Pool, Shapes.Json(json)).Select(e => e.ToString()));

    [Fact]
    public void A_good_custom_resource_passes() => Assert.Empty(FieldValidator.Validate(Shapes.Pool, Shapes.Json("""
        {"spec":{"cidr":"fd00::/64","blockSize":122,"encapsulation":"None","name":"abc","port":"http","nodes":["a","b"],
         "peers":[{"name":"a","as":1},{"name":"b"}],"note":null,"free":{"any":["thing"]},
         "since":"2026-01-02T03:04:05Z"}}
        """)));

    [Fact]
    public void Required_fields_of_built_in_kinds_are_asked_for() => Assert.Equal(
        ["spec.selector: Required value", "spec.template.spec.containers[0].name: Required value"],
        FieldValidator.Validate(Shapes.Deployment, Shapes.Json("""
            {"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}
            """)).Select(e => e.ToString()));

    [Fact]
    public void Several_errors_stand_in_brackets() => Assert.Equal(
        "[a: Required value, b: Forbidden: x]",
        FieldError.Aggregate([FieldError.Required("a"), FieldError.Forbidden("b", "x")]));

    [Fact]
    public void Rules_that_are_not_evaluated_are_listed() => Assert.Equal(["spec"], Shapes.Pool.NotEvaluated);

    [Theory]
    [InlineData("ippools.causeway.dev", "ippools.causeway.dev", "")]
    [InlineData("\"scope\":\"Cluster\"", "\"scope\":\"Global\"",
        "spec.scope: Unsupported value: \"Global\": supported values: \"Cluster\", \"Namespaced\"")]
    [InlineData("ippools.causeway.dev", "pools.causeway.dev",
        "metadata.name: Invalid value: \"pools.causeway.dev\": must be spec.names.plural+\".\"+spec.group")]
    [InlineData("\"storage\":true", "\"storage\":false", "must have exactly one version marked as storage version")]
    [InlineData("^[a-z]+$", "[a-z", "properties[name].pattern: Invalid value: \"[a-z\": must be a valid regular expression")]
    [InlineData("{\"type\":\"string\",\"nullable\":true}", "{}",
        "properties[note].type: Required value: must not be empty for specified object fields")]
    public void A_definition_is_checked(string good, string bad, string error)
    {
        var errors = CustomResourceSchema.Check(Shapes.Json(Shapes.PoolDefinition.Replace(good, bad)));
        if (error.Length == 0) Assert.Empty(errors);
        else Assert.Contains(error, Assert.Single(errors).ToString());
    }
}
