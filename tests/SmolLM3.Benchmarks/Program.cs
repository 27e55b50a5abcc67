using BenchmarkDotNet.Running;
using SmolLM3.Benchmarks;

// "kernels" measures what matters most in a minute; everything else goes to BenchmarkDotNet, such as "--filter *".
if (args is ["kernels", .. string[] filters])
{
    KernelSpeeds.Run(filters);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelSpeeds).Assembly).Run(args);
}
