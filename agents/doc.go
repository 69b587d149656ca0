// Package agents is the market: labs that buy human data work, vendors that sell it, owners that hold stakes
// in vendors, and the wire that publishes what happens. A lab that rivals an owner of a vendor fears that
// its secrets leak, reprices that vendor, and in time moves its work.
//
// A [Spec] says what a market is; [Compile] makes a [Plan] of it; [Run] runs it once, with the random numbers of
// one [sim.Luck], and returns its [Trajectory]. A [Market] is the same as a [sim.World], to run many side by side.
//
// # A week
//
// A week has five phases, and the order of the agents within a phase never matters:
//
//	announce  the wire publishes this week's events
//	prepare   owners post their control of vendors and what they commit to spend; vendors open at the prices
//	          and capacities that they set at the end of last week, as the week's events change them
//	decide    labs perceive, reprice, and post what they keep and what they ask for
//	fill      vendors fill what is asked within their capacity, and set capacity and price for next week
//	settle    what labs spend is added up, and it is judged who has left whom
//
// In the last one nobody acts: a lab's spend with a vendor is what was served of what it kept and filled of what it
// asked for, which anyone can read. So a lab acts once a week.
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
// where X_j = sum_i S0_ij left_ij / sum_i S0_ij, over the labs that ever bought from j, is the share of its clients,
// weighted by conflict, that had left by the end of last week; 0 where the sum is 0. Bad news is
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
// with xi such that w* is the spend of the Spec at the start (Berry 1994). A qualified vendor without spend enters xi
// with the share foothold. The regret of its present mix w is a Kullback-Leibler divergence (Matejka and McKay 2015),
// D_i = sum_j w_ij ln(w_ij / w*_ij); what counts is how much larger it is than that of the mix at the start, so that
// the footholds of vendors without spend move nobody. A lab reviews its vendors from D_i - D_i(start) > c until it is
// <= c/4, and aims at w* while it does, or where it spends nothing; at its present mix else.
// Leaving takes notice: with r = 1 - exp(-1/(tau_i + l_ij)), and psi in the week in which a review starts,
//
//	kept_ij = x_ij - (x_ij - target_ij)(1 - (1 - r)(1 - psi))  where the target is below the spend x_ij
//
// where psi = 0 for vendors in which the lab perceives no more conflict than at the start, and for those with a term
// l_ij. What the budget leaves over, place_i = max(0, B_i - sum_j kept_ij), is placed in proportion to the target. While
// the lab reviews, only the part nu is, and only with vendors that are not being reduced; the rest goes evenly over those
// that are qualified for its segment. Requests for proposals add m_rfq times the spend still to move,
// sum_j max(0, x_ij - target_ij) in money, evenly over the same vendors. Budgets grow by (1 + g_i)^(1/52) a week.
//
// A commitment is a floor under the owner's own target, outside a review too. The rest of its mix makes room in
// proportion; floors beyond the budget are scaled to it.
//
// Vendors serve what they can, with capacity K_j and all flows in volume. Nobody is served beyond it: a loss of
// capacity cuts all customers in proportion, and what was not delivered is placed again next week. Vendors hire and lay
// off after a lag, and reprice; one without load keeps its capacity and its price:
//
//	kept_ij *= min(1, K_j / kept)
//	fill_j   = min(1, max(0, K_j - kept) / requested)
//	x_ij     = kept_ij + fill_j requested_ij
//	u_j      = (kept + filled) / K_j, 0 where K_j is 0
//	K_j     *= 1 + gamma where u_j, lag weeks ago, is above u_hi; 1 - delta where it is below u_lo
//	p_j      = clamp(p_j (1 + psi_p (min(1.2, u_j) - u_ref) / 12), 0.7 p0_j, 1.5 p0_j)
//
// where p0_j is the price at the start, moved by every price event in full.
//
// Whether a lab has left a vendor is judged on the part of its spend that it gives to it, w_ij at the end of the week,
// so that neither a budget that grows nor one that shrinks looks like coming or going. It leaves in a week in which it
// aims below what it spends there and w_ij is below 0.5 of the highest so far, and it is back only where w_ij is above
// 0.6 of that. A fall that the vendor's capacity caused is not leaving: the lab is cut off. Only a lab that gave the
// vendor at least 1% of its spend at the start, or for 13 weeks running, can leave it.
//
// A vendor may announce that it serves nobody from a day on. From then on w* leaves it out and it takes no new work; D_i is
// that of the mix of the other vendors, and a nat more while the lab still buys from it, and such a lab reviews whatever
// its threshold. From that day on K_j is 0. Its customers must leave: they count neither as having left, nor in X_j, nor as
// cut off.
//
// # Rival mechanisms
//
// Five assumptions can be exchanged, to ask whether a conclusion survives another. They are off by default. With
// winner_takes_all a lab that reviews aims at the one vendor of the highest U with its whole budget. With
// multiplicative_trust the factor (1 - e_i (1 - T_ij))^beta_L stands in place of exp(-beta_L e_i (1 - T_ij)). With
// no_forgiving eta_down is 0 in Shat, and not in I. Without herding, chi = 0; with nu = 0 all that is moved is placed evenly.
//
// # Initialization
//
// The first week starts from the spend of the Spec, from which budgets, loads and preferences follow; a vendor's
// capacity is its headroom times its load, and never less than the load. Owners may hold stakes, votes and executives
// from before: then omega, S and Shat start where these put them, and xi is inverted at that trust, at the run's own
// draws, so that an old owner alone moves nobody in any run. A stake event states the new total, and a block restores
// what was held before. Nobody else is in conflict, trust is whole, and no lab reviews. What varies at random once a
// run, each as exp(sd N(0, 1)) and so of median 1, is drawn here: beta_L, and for each lab its rivalries, its exposure
// and its tau. Where uncertainty.ranges is on, the behavioural parameters are drawn too, triangular over their
// plausible ranges.
//
// # Design concepts
//
//   - Basic principles: buyers choose as in a logit model, and leave out of inertia only when standing still costs
//     more than a threshold; what they fear is that an owner who competes with them learns what they work on.
//   - Emergence: market shares, departures and their speed, prices and capacities follow from what the agents do. No
//     share is set after the start.
//   - Adaptation: labs move their work, vendors adjust capacity and price.
//   - Objectives: a lab maximises its utility, within notice periods; a vendor follows its utilisation.
//   - Learning and prediction: none. A lab's trust follows what has become known, and nobody foresees.
//   - Sensing: agents know what was public at the end of last week, and what the phase before has posted.
//   - Interaction: through the prices and capacities of vendors, and through the departures of others, by chi.
//   - Stochasticity: every draw is a function of seed, run, agent, purpose and week, so that the same run of two
//     variants has the same random numbers.
//   - Collectives: a line of the Spec may stand for many labs that share its figures.
//   - Observation: spend, trust, conflict, premium and departures of each lab and vendor, every week.
//
// # How it is computed
//
// The agents use the same equations in a form that needs one exp for each vendor in conflict and one
// logarithm a lab. With base_ij the starting share, pull_j = (q_j/q_j(0))^beta_q (p_j/p_j(0))^-beta_p and
// loss_ij = beta_L e_i (T_ij(0) - T_ij), exp(U_ij) is in proportion to base_ij pull_j exp(-loss_ij), and
//
//	D_i = sum_j w_ij ln(w_ij/base_ij) + sum_j w_ij (loss_ij - ln pull_j) + ln Z_i
//
// with Z_i the sum of those products. The first sum, the habit, changes only when the mix does.
//
// # Sources
//
//   - Berry, S. (1994): Estimating discrete-choice models of product differentiation. RAND Journal of Economics 25(2),
//     242-262. How preferences are found from shares.
//   - Matejka, F. and McKay, A. (2015): Rational inattention to discrete choices: a new foundation for the multinomial
//     logit model. American Economic Review 105(1), 272-298. What standing still costs.
//   - Grimm, V. and others (2020): The ODD protocol for describing agent-based and other simulation models: a second
//     update. Journal of Artificial Societies and Social Simulation 23(2), 7. How a model is described.
package agents
