// Package agents is the market: labs that buy human data work, vendors that sell it, owners that hold stakes
// in vendors, and the wire that publishes what happens. A lab that rivals an owner of a vendor fears that
// its secrets leak, reprices that vendor, and in time moves its work.
//
// A [Spec] says what a market is; [Compile] makes a [Plan] of it; [Run] runs it once, under one luck, and
// returns its [Trajectory]. A [Market] is the same as a [sim.World], for whoever runs many side by side.
//
// # A week
//
// The agents act in five phases, and the order of the agents within a phase never matters:
//
//	announce  the wire publishes this week's events
//	prepare   owners post their control of vendors and what they commit to spend; vendors open at the prices
//	          and capacities that they set at the end of last week, as the week's events change them
//	decide    labs perceive, reprice, and post what they keep and what they ask for
//	fill      vendors fill what is asked within their capacity, and set capacity and price for next week
//	settle    labs spend, and whoever has left has left
//
// # Equations
//
// Money is in USD million a year and a volume is money over price. Owner k controls vendor j by its stake s,
// votes v and the executives m that moved to it, and lab i, which rivals it by rho and is protected by the
// vendor's firewall phi, is in conflict with the vendor:
//
//	omega_jk = 1 - exp(-(kappa_s s + kappa_v v + kappa_m m))
//	S0_ij    = 1 - prod_k (1 - omega_jk rho_ik (1 - phi_j))
//	S_ij     = min(1, S0_ij (1 + chi X_j))
//
// where X_j is the share of j's clients, weighted by S0, that had left by the end of last week. Bad news is
// believed fast and good news slowly; I_ij is what is left of incidents:
//
//	Shat_ij += eta (S_ij - Shat_ij),  eta = eta_up if S_ij > Shat_ij else eta_down
//	T_ij     = (1 - I_ij)(1 - Shat_ij)
//
// A lab of exposure e_i feels j's price as p~_ij = p_j exp(beta_L/beta_p e_i (1 - T_ij)), and p~/p - 1 is
// its trust premium. Its utility and ideal mix are
//
//	U_ij  = xi_ij + beta_q ln q_j - beta_p ln p~_ij
//	w*_ij = exp(U_ij) / sum_j exp(U_ij)
//
// with xi such that w* is the spend of the Spec at the start (Berry 1994). The regret of its present mix w
// is a Kullback-Leibler divergence (Matejka and McKay 2015), D_i = sum_j w_ij ln(w_ij / w*_ij). A lab
// reviews its vendors from D_i > c until D_i <= c/4, and aims at w* while it does, at its present mix else.
// Leaving takes notice: with r = 1 - exp(-1/(tau_i + l_ij)), and psi in the week in which a review starts,
//
//	kept_ij = x_ij - (x_ij - target_ij)(1 - (1 - r)(1 - psi))  where the target is below the spend x_ij
//
// What the budget leaves over is placed by preference (the part nu) and evenly over qualified vendors that
// are not being reduced. Vendors fill what they can, hire above a utilisation and lay off below another.
//
// A commitment is a floor under the owner's own target. The rest of its mix makes room in proportion, and
// what it has to place goes to the commitment first.
//
// # How it is computed
//
// The agents use the same equations in a form that needs one exp for each vendor in conflict and one
// logarithm a lab. With base_ij the starting share and pull_j = (q_j/q_j(0))^beta_q (p_j/p_j(0))^-beta_p,
// exp(U_ij) is in proportion to base_ij pull_j exp(-beta_L e_i (1 - T_ij)), and
//
//	D_i = sum_j w_ij ln(w_ij/base_ij) + sum_j w_ij (beta_L e_i (1 - T_ij) - ln pull_j) + ln Z_i
//
// with Z_i the sum of those products. The first sum, the habit, changes only when the mix does.
package agents
