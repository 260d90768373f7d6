namespace HpcTrain.Topology;

/// <summary>Whether all links of a graph go both ways alike, as those of most machines do: then trees turned round fit as well.</summary>
internal static class Symmetry
{
    /// <summary>Whether each link has one back with the same bandwidth.</summary>
    public static bool Has(LinkGraph graph)
    {
        Dictionary<(int From, int To), Rational> known = graph.Links.ToDictionary(link => (link.From, link.To), link => link.Bandwidth);
        return graph.Links.All(link => known.TryGetValue((link.To, link.From), out Rational back) && back == link.Bandwidth);
    }
}
