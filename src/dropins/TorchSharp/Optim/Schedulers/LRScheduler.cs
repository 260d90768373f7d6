using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>
            /// Sets the learning rates of an optimizer's groups, once per call of <see cref="step()"/>. A new schedule steps
            /// once by itself, to epoch 0.
            /// </summary>
            public abstract class LRScheduler
            {
                protected int _step_count;

                private readonly bool _verbose;

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    _verbose = verbose;
                    _last_epoch = last_epoch;
                    Groups = [.. optimizer.ParamGroups];
                    _base_lrs = [.. Groups.Select(group => group.InitialLearningRate)];
                    _last_lrs = [.. Groups.Select(group => group.LearningRate)];
                }

                internal ILearningRateController[] Groups { get; }

                internal int _last_epoch;
                internal double[] _base_lrs;
                internal double[] _last_lrs;

                public virtual void step() => step((int?)null);

                /// <summary>Goes to a given epoch, or to the next one.</summary>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? _last_epoch + 1;
                    // Asked once per step: a chained formula starts from the rates as they are.
                    var rates = (epoch is null ? get_lr() : get_closed_form_lr()).ToArray();
                    for (var i = 0; i < Groups.Length; i++)
                    {
                        Groups[i].LearningRate = rates[i];
                        if (_verbose && rates[i] != _last_lrs[i])
                            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Adjusting learning rate to {rates[i]}"));
                    }

                    _last_lrs = rates;
                }

                /// <summary>For schedules that look at a metric; the others ignore it.</summary>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                public IEnumerable<double> get_last_lr() => _last_lrs;

                /// <summary>The rates of the current epoch, from those of the one before.</summary>
                protected virtual IEnumerable<double> get_lr() => Groups.Select(group => group.LearningRate);

                /// <summary>The rates of the current epoch, from the initial ones.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                private protected IEnumerable<double> Scaled(double factor) => Groups.Select(group => group.LearningRate * factor);
            }
        }
    }
}
