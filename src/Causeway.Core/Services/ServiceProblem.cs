namespace Causeway.Core.Services;

/// <summary>Something in an object of the API that cannot be programmed, and is left out.</summary>
/// <param name="Object"><c>Service/ns/name</c>, <c>EndpointSlice/ns/name</c>.</param>
/// <param name="Message">Names the field and the value.</param>
public sealed record ServiceProblem(string Object, string Message)
{
    public override string ToString() => $"{Object}: {Message}";
}
