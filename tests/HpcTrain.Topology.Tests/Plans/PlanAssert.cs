namespace HpcTrain.Topology.Tests;

/// <summary>What holds for every plan.</summary>
internal static class PlanAssert
{
    /// <summary>The trees fit the links, and the cut is one of the graph.</summary>
    public static void Holds(LinkPlan plan)
    {
        Assert.That(LinkPlanCheck.Faults(plan), Is.Empty);
        Assert.That(plan.Optimum, Is.EqualTo(plan.Comparison!.Methods.Max(method => method.Optimum)));
        Assert.That(plan.Cut.Parts, Has.Length.AtLeast(2));
        Assert.That(plan.Cut.Parts.SelectMany(part => part), Is.Unique);
        Assert.That(plan.Cut.Links.Select(link => plan.Graph.LinkBetween(link.From, link.To)), Has.None.Null);
    }

    /// <summary>A plan that holds, and reaches the optimum.</summary>
    public static LinkPlan Best(LinkGraph graph, PlanOptions? options = null)
    {
        LinkPlan plan = LinkPlanner.Plan(graph, options ?? new());
        Holds(plan);
        Assert.That(plan.Rate, Is.EqualTo(plan.Optimum));
        Assert.That(plan.Share, Is.EqualTo(Rational.One));
        return plan;
    }

    /// <summary>The optimum of each method that was compared.</summary>
    public static Dictionary<string, Rational> Compared(LinkPlan plan) => plan.Comparison!.Methods.ToDictionary(method => method.Method, method => method.Optimum);
}
