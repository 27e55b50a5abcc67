using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using SmolLM3.Cli.Serving.Access;
using SmolLM3.Cli.Serving.Chat;
using SmolLM3.Cli.Serving.Completions;
using SmolLM3.Cli.Serving.Errors;
using SmolLM3.Cli.Serving.Models;
using SmolLM3.Cli.Serving.Page;
using SmolLM3.Extensions.Models;

namespace SmolLM3.Cli.Serving;

/// <summary>A chat client behind OpenAI's HTTP interface.</summary>
internal static class ChatServer
{
    // Told to end, a request has this long to say so.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    /// <summary>Builds the server; it neither listens nor loads yet.</summary>
    /// <param name="settings">Where and for whom.</param>
    /// <param name="addClient">Adds the <c>IChatClient</c> that answers.</param>
    /// <exception cref="ArgumentException">The settings are unsafe or impossible.</exception>
    public static WebApplication Create(ServerSettings settings, Action<IServiceCollection> addClient)
    {
        settings.Validate();

        // Empty: nothing is read from the current directory or from variables that are meant for other programs.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => Configure(server, settings));
        builder.Logging.SetMinimumLevel(settings.LogLevel).AddConsole();

        // What keeps it from starting is thrown, and told from there.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        // A download takes minutes, so how far it is is told where nothing more is wanted, too.
        builder.Logging.AddFilter(
            typeof(ModelHub).FullName,
            settings.LogLevel == LogLevel.Warning ? LogLevel.Information : settings.LogLevel);
        AddServices(builder.Services, settings);
        addClient(builder.Services);
        WebApplication app = builder.Build();
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<Shutdown>().Begin);
        UseMiddleware(app, settings);
        MapEndpoints(app);
        return app;
    }

    private static void Configure(KestrelServerOptions server, ServerSettings settings)
    {
        server.AddServerHeader = false;
        server.Limits.MaxRequestBodySize = settings.MaxBodyBytes;
        server.Listen(settings.Address, settings.Port);
    }

    private static void AddServices(IServiceCollection services, ServerSettings settings)
    {
        services.AddSingleton(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Shutdown>();
        services.AddSingleton<IHostLifetime, SignalLifetime>();
        services.AddSingleton<ServedModel>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<ErrorMiddleware>();
        services.AddSingleton<EventWriter>();
        services.AddSingleton<ApiKeyMiddleware>();
        services.AddRoutingCore();
        services.AddHostFiltering(HostNames.Configure(settings));
        services.AddCors(cors => cors.AddDefaultPolicy(policy => Configure(policy, settings)));
        services.AddRateLimiter(limiter => RequestRate.Configure(limiter, settings));
        services.AddHealthChecks().AddSmolLM3();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("SmolLM3.Extensions", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter());
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownTimeout + s_farewell);

        // Standard output is for the address alone.
        services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void Configure(CorsPolicyBuilder policy, ServerSettings settings) => policy
        .WithOrigins([.. settings.CorsOrigins])
        .WithMethods("GET", "POST")
        .AllowAnyHeader()
        .WithExposedHeaders("Retry-After");

    private static void UseMiddleware(WebApplication app, ServerSettings settings)
    {
        app.UseMiddleware<ErrorMiddleware>();
        app.UseHostFiltering();
        app.UsePage();
        app.UseRouting();
        if (settings.CorsOrigins.Count > 0)
        {
            app.UseCors();
        }

        app.UseMiddleware<ApiKeyMiddleware>();
        app.UseRateLimiter();
    }

    private static void MapEndpoints(WebApplication app)
    {
        ChatEndpoint.Map(app);
        CompletionEndpoint.Map(app);
        ModelEndpoints.Map(app);
        TokenizeEndpoint.Map(app);
        HealthEndpoint.Map(app);
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(NeedsKey.Instance);
    }
}
