namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>
            /// Scales the initial rates by a factor that goes from start_factor to end_factor in total_iters epochs.
            /// </summary>
            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                new impl.LinearLR(optimizer, start_factor, end_factor, total_iters, last_epoch, verbose);

            public static partial class impl
            {
                /// <summary>
                /// Scales the initial rates by a factor that goes from start_factor to end_factor in total_iters epochs.
                /// </summary>
                public class LinearLR : LRScheduler
                {
                    private readonly double _start_factor;
                    private readonly double _end_factor;
                    private readonly int _total_iters;

                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1.0, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _start_factor = start_factor;
                        _end_factor = end_factor;
                        _total_iters = total_iters;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => _last_epoch switch
                    {
                        0 => Scaled(_start_factor),
                        var epoch when epoch > _total_iters => base.get_lr(),
                        var epoch => Scaled(FactorAt(epoch) / FactorAt(epoch - 1)),
                    };

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        _base_lrs.Select(rate => rate * FactorAt(Math.Min(_total_iters, _last_epoch)));

                    private double FactorAt(int epoch) => _start_factor + ((_end_factor - _start_factor) * epoch / _total_iters);
                }
            }
        }
    }
}
