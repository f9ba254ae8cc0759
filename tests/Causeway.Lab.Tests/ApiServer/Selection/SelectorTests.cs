using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.Tests.ApiServer.Selection;

public sealed class SelectorTests
{
    [Fact]
    public void Unknown_fields_cannot_be_selected_by()
    {
        Assert.Null(FieldSelector.Parse("spec.foo=1", "pods", out var fault));
        Assert.Equal("field label not supported: spec.foo", fault);
        Assert.Equal("x", FieldSelector.Parse("metadata.name=x", "pods", out _)!.Name);
    }
}
