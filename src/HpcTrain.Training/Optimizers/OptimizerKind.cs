namespace HpcTrain.Training.Optimizers;

/// <summary>The optimizers, as options name them.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with momentum.</summary>
    Sgd,

    /// <summary>The same with Nesterov momentum.</summary>
    Nesterov,

    /// <summary>Adam.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>SGD with a rate per layer.</summary>
    Lars,

    /// <summary>Adam with a rate per layer.</summary>
    Lamb,
}
