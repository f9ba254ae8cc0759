using Causeway.Core.Naming.Resolving;
using CsCheck;

namespace Causeway.Core.Tests.Naming.Resolving;

public sealed class SearchOrderTests
{
    private const string InPod = "search ns.svc.cluster.local svc.cluster.local cluster.local lab.example\n"
        + "nameserver 10.96.0.10\noptions ndots:5\n";

    [Theory]
    [InlineData("web", "web.ns.svc.cluster.local web.svc.cluster.local web.cluster.local web.lab.example web")]
    [InlineData("google.example", "google.example.ns.svc.cluster.local google.example.svc.cluster.local "
        + "google.example.cluster.local google.example.lab.example google.example")]
    [InlineData("google.example.", "google.example")]
    [InlineData("a.b.c.d.e.f", "a.b.c.d.e.f a.b.c.d.e.f.ns.svc.cluster.local a.b.c.d.e.f.svc.cluster.local "
        + "a.b.c.d.e.f.cluster.local a.b.c.d.e.f.lab.example")]
    public void In_a_pod_glibc_asks_the_search_path_first(string name, string expected) =>
        Assert.Equal(expected, Names(name, InPod));

    [Theory]
    [InlineData("web", "web.ns.svc.cluster.local web.svc.cluster.local web.cluster.local web.lab.example web")]
    [InlineData("a.b.c.d.e.f", "a.b.c.d.e.f")]
    [InlineData("web.", "web")]
    public void Musl_asks_a_name_with_dots_enough_as_it_is_only(string name, string expected) =>
        Assert.Equal(expected, Names(name, InPod, Resolver.Musl));

    [Theory]
    [InlineData("", "web", "web")]
    [InlineData("options no_tld_query\n", "web", "")]
    [InlineData("search a . b\n", "web", "web.a web web.b")]
    [InlineData("search a\n", "x.y", "x.y x.y.a")]
    [InlineData("search .a.\n", "web", "web.a web")]
    public void Glibc_has_its_own_ways(string conf, string name, string expected) =>
        Assert.Equal(expected, Names(name, conf));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("a..")]
    public void What_is_no_name_is_not_asked_for(string name) => Assert.Equal("", Names(name, InPod));

    [Fact]
    public void Names_stay_within_their_length_and_the_typed_one_is_among_them()
    {
        var label = Gen.Char['a', 'z'].Array[1, 63].Select(c => new string(c));
        var name = label.Array[1, 3].Select(l => string.Join('.', l));
        Gen.Select(name, name.Array[0, 5], Gen.Int[0, 7], Gen.Enum<Resolver>()).Sample((typed, paths, ndots, resolver) =>
        {
            var conf = ResolvConf.Empty with
            {
                Searches = [.. paths.Select(p => new SearchDomain(p))],
                Options = [new("ndots", $"{ndots}")],
            };
            var all = SearchOrder.Of(typed, conf, resolver);
            Assert.All(all, c => Assert.InRange(c.Name.Length, 1, SearchOrder.LongestName));
            Assert.Single(all, c => c.Suffix is null && c.Name == typed);
            Assert.Equal(all, SearchOrder.Of(typed, ResolvConf.Parse(conf.ToString()), resolver)
                .Select(c => c with { Suffix = c.Suffix is { } s ? s with { Line = 0 } : null }));
        });
    }

    [Fact]
    public void A_name_that_exists_ends_the_search_of_musl_alone()
    {
        Assert.True(SearchOrder.GoesOn(CandidateAnswer.NoData));
        Assert.False(SearchOrder.GoesOn(CandidateAnswer.NoData, Resolver.Musl));
        Assert.True(SearchOrder.GoesOn(CandidateAnswer.NoName, Resolver.Musl));
        Assert.False(SearchOrder.GoesOn(CandidateAnswer.None));
        Assert.False(SearchOrder.GoesOn(CandidateAnswer.Found));
    }

    private static string Names(string name, string conf, Resolver resolver = Resolver.Glibc) =>
        string.Join(' ', SearchOrder.Of(name, ResolvConf.Read(conf), resolver).Select(c => c.Name));
}
