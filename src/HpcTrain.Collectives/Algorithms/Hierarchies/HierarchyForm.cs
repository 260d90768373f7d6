namespace HpcTrain.Collectives.Algorithms;

/// <summary>How the levels of a hierarchy work together, see <see cref="HierarchyPlan"/>.</summary>
internal enum HierarchyForm
{
    /// <summary>They cannot.</summary>
    None,

    /// <summary>Every rank of a group carries a part of the data between groups.</summary>
    Scattered,

    /// <summary>One rank of a group does all of it.</summary>
    Led,

    /// <summary>Every rank of a group carries everything.</summary>
    Replicated,
}
