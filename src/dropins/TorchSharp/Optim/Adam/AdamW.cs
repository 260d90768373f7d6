using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): the parameter is first scaled by 1 - lr * weight decay,
/// and the gradient enters the moments as it is. Everything else is <see cref="Adam"/>.
/// </summary>
public partial class AdamW : OptimizerHelper, optim.IBetas
{
    public AdamW(
        IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
    }

    public AdamW(
        IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        double weight_decay = 0, bool amsgrad = false, bool maximize = false)
    {
        CheckNotNegative(lr, "learning rate");
        CheckNotNegative(eps, "eps");
        CheckNotNegative(weight_decay, "weight_decay");
        AdamRule.CheckBeta(beta1, nameof(beta1));
        AdamRule.CheckBeta(beta2, nameof(beta2));
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            beta1 = beta1,
            beta2 = beta2,
            eps = eps,
            weight_decay = weight_decay,
            amsgrad = amsgrad,
            maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    public (double, double) Betas
    {
        get => ((Options)_defaults).Betas;
        set => ((Options)_defaults).Betas = value;
    }

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var options = (Options)(param_group.Options ??= new Options());
        options.FillFrom((Options)_defaults);
        Join(param_group, static parameter => new State(parameter));
    }

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(Step, closure);

    private void Step(ParamGroup group)
    {
        var options = group.Options;
        var handles = Handles(group, out var parameters);
        var states = Array.ConvertAll(handles, handle => (State)_state[handle]);
        var steps = Array.ConvertAll(states, state => state.step);
        var rule = new AdamRule(
            options.LearningRate!.Value, options.beta1!.Value, options.beta2!.Value, options.eps!.Value, options.weight_decay!.Value,
            Decoupled: true, options.maximize!.Value);
        rule.Step(
            handles,
            Array.ConvertAll(states, state => state.exp_avg.Handle),
            Array.ConvertAll(states, state => state.exp_avg_sq.Handle),
            Array.ConvertAll(states, state => state.max_exp_avg_sq?.Handle ?? 0),
            steps);
        for (var i = 0; i < states.Length; i++) states[i].step = steps[i];
        GC.KeepAlive(parameters);
    }

    /// <summary>Parameters with their own settings of this optimizer.</summary>
    public class ParamGroup : ParamGroup<Options>, optim.IBetas
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(
            IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
            double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(
                parameters,
                new Options
                {
                    LearningRate = lr,
                    beta1 = beta1,
                    beta2 = beta2,
                    eps = eps,
                    weight_decay = weight_decay,
                    amsgrad = amsgrad,
                    maximize = maximize,
                })
        {
        }

        public (double, double) Betas
        {
            get => Options.Betas;
            set => Options.Betas = value;
        }
    }
}
